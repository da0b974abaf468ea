// SPDX-License-Identifier: GPL-2.0
/*
 * A non-maskable interrupt on this CPU, now: the processor's own instruction
 * for interrupt 2 enters the kernel where a real one does, and the kernel asks
 * its handlers, of which one is ours for that time.
 */
#include "kmobj_kunit.h"

#if defined(CONFIG_X86_64) && !defined(CONFIG_UML)
#include "asm/nmi.h"

static void (*nmi_fn)(void *arg);
static void *nmi_arg;

static int on_nmi(unsigned int type, struct pt_regs *regs)
{
	void (*fn)(void *arg) = nmi_fn;

	if (!fn)
		return NMI_DONE;
	nmi_fn = NULL;
	fn(nmi_arg);
	return NMI_HANDLED;
}

static void nmi_forget(void *unused)
{
	unregister_nmi_handler(NMI_LOCAL, "kmobj_kunit");
}

/* Have an NMI at hand until the case ends, which is pinned to its CPU. */
void nmi_prepare(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, register_nmi_handler(NMI_LOCAL, on_nmi, 0,
						   "kmobj_kunit"), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, nmi_forget,
							NULL), 0);
}

/* Run @fn in an NMI; false if none came. */
bool in_an_nmi(void (*fn)(void *arg), void *arg)
{
	nmi_fn = fn;
	nmi_arg = arg;
	asm volatile("int $2" : : : "memory");
	return !nmi_fn;
}
#else
void nmi_prepare(struct kunit *test)
{
	kunit_skip(test, "there is no NMI to be had");
}

bool in_an_nmi(void (*fn)(void *arg), void *arg)
{
	return false;
}
#endif
