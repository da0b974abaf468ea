// SPDX-License-Identifier: GPL-2.0
/*
 * Headers off their slabs: for objects so large that a header in the slab would
 * take the place of one of a few (illumos's kmem and UMA do the same).
 *
 * Such headers are objects of a zone of kmobj's own. The head page of a slab says
 * where its header is, of any slab: lru.next points to it, from depot_add() until
 * the slab leaves the depot. For other owners of pages that may be anything, so
 * the header is looked at as slab_in() looks at one; its cookie is made of the
 * address of the pages instead of its own, and so says that the two belong
 * together: a header that becomes another slab's while somebody looks does not
 * answer for this one.
 *
 * The fast paths of other zones do not know of this: the range of addresses that
 * slab_in() may look at is empty for such a zone, so every free of it takes the
 * way that wild pointers take. There kmobj_free() looks at the cookies of the
 * CPU's pair first, and only if it is none of the two at the page.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/mm.h>
#include <linux/mutex.h>

#include "internal.h"

/* There is one as long as a zone needs it; else NULL. */
struct kmobj_zone *kmobj_headers;
KMOBJ_EXPORT_FOR_TESTS(kmobj_headers);
static unsigned int users;		/* zones */
static DEFINE_MUTEX(headers_lock);	/* guards both */

/* A zone is to be whose headers are not in its slabs: 0, or an error. */
int offslab_start(void)
{
	const struct kmobj_zone_args args = { .align = SMP_CACHE_BYTES };
	struct kmobj_zone *zone;
	int err = 0;

	mutex_lock(&headers_lock);
	if (!users) {
		zone = zone_open(KMOBJ_HEADERS_NAME, slab_header_max(), &args);
		err = PTR_ERR_OR_ZERO(zone);
		if (!err)
			kmobj_headers = zone;
	}
	if (!err)
		users++;
	mutex_unlock(&headers_lock);
	return err;
}

/* Such a zone has no slab any more, or never had one. May sleep. */
void offslab_stop(void)
{
	mutex_lock(&headers_lock);
	if (!--users) {
		kmobj_zone_destroy(kmobj_headers);
		kmobj_headers = NULL;
	}
	mutex_unlock(&headers_lock);
}

/* A header for a slab on node @nid, or on another one; or NULL. */
struct kmobj_slab *offslab_header_alloc(gfp_t gfp, int nid)
{
	struct kmobj_slab *slab;

	slab = kmobj_alloc_node(kmobj_headers, gfp & ~__GFP_THISNODE, nid);
	kmemleak_ignore(slab);	/* nor does object 0 live because it points there */
	return slab;
}

void offslab_header_free(struct kmobj_slab *slab)
{
	kmobj_free(kmobj_headers, slab);
}

static bool is_linear(unsigned long addr)
{
	return addr - KMOBJ_LINEAR_START < KMOBJ_LINEAR_END - KMOBJ_LINEAR_START;
}

/* What would be the header of the slab with these @pages, or NULL. */
struct kmobj_slab *offslab_header(unsigned long pages)
{
	unsigned long said;

	if (!is_linear(pages) || !kmobj_has_page(pages))
		return NULL;
	kmobj_peek(&said, (unsigned long *)&virt_to_page((void *)pages)->lru.next,
		   unmapped);
	if (is_linear(said) && IS_ALIGNED(said, SMP_CACHE_BYTES))
		return (struct kmobj_slab *)said;
unmapped:
	return NULL;
}

/* As slab_of(), for what slab_in() may not look at; NULL if there is none. */
struct kmobj_slab *offslab_of(const struct kmobj_zone *zone, const void *obj)
{
	unsigned long pages = slab_pages(zone, kasan_reset_tag(obj)), cookie;
	struct kmobj_slab *slab;

	if (!zone->offslab)
		return NULL;
	slab = offslab_header(pages);
	if (unlikely(!slab))
		return NULL;
	kmobj_peek(&cookie, &slab->cookie, unmapped);
	if (likely(cookie == (pages ^ zone->cookie)))
		return slab;
unmapped:
	return NULL;
}
