# SPDX-License-Identifier: GPL-2.0
# For people; the kernel's own makefiles read Kbuild.

KDIR ?= /lib/modules/$(shell uname -r)/build
LAB ?=
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR) --no-print-directory

.PHONY: modules headers demo test torture bench shell port port-test memory fsbench load unload install check model clean help

# The + is for make -j: it does not see the $(MAKE) in $(kbuild).
modules: headers
	+$(kbuild) modules

headers:
	@test -e $(KDIR)/Makefile || { echo "no kernel headers in $(KDIR):" \
		"apt install linux-headers-$$(uname -r), or make KDIR=..." >&2; exit 1; }

demo:
	@scripts/demo.sh

test:
	@scripts/test.sh $(LAB)

torture:
	@scripts/torture.sh $(or $(LAB),uml) $(or $(MINUTES),1) $(SEED)

bench:
	@scripts/bench/bench.sh $(or $(LAB),uml)

shell:
	@scripts/shell.sh $(or $(LAB),debian)

port:
	@scripts/port/port.sh $(or $(MODULE),fs/minix) $(or $(LAB),debian)

port-test:
	@scripts/port/try.sh -s $(or $(SECONDS),5) $(or $(LAB),debian)

memory:
	@scripts/bench/memory.sh $(or $(LAB),debian)

fsbench:
	@scripts/fsbench/fsbench.sh $(or $(LAB),uml)

check:
	@scripts/check.sh

model:
	@scripts/model/run.sh

load: modules
	$(SUDO) insmod module/kmobj.ko
	$(SUDO) insmod module/kmem_cache/kmobj_kmem_cache.ko
	$(SUDO) insmod module/samples/kmobjfs/kmobjfs.ko
	$(SUDO) insmod module/samples/namecache/kmobj_namecache.ko

unload:
	-$(SUDO) rmmod kmobjfs kmobj_namecache kmobj_kmem_cache
	$(SUDO) rmmod kmobj

# What other modules need, for the kernel of KDIR. What is installed is what was compiled last.
install: headers
	+$(kbuild) KMOBJ_ONLY=y modules
	+$(SUDO) $(kbuild) KMOBJ_ONLY=y modules_install
	$(SUDO) depmod $(if $(INSTALL_MOD_PATH),-b $(INSTALL_MOD_PATH)) \
		"$$(PATH=$$PATH:/usr/sbin:/sbin modinfo -F vermagic module/kmobj.ko | cut -d ' ' -f 1)"

# Without the kernel's help, whose headers may be gone by now.
clean:
	rm -rf build
	find module kunit \( -name '*.o' -o -name '*.a' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' \
		-o -name '.*.cmd' -o -name '*.d' -o -name '*.symvers' -o -name modules.order \) -type f -delete
	rm -rf .tmp_versions modules.order Module.symvers .*.cmd .module-common.o

help:
	@echo 'make                compile the modules for KDIR, by default the running kernel'
	@echo 'make demo           see it work: a file system of kmobj objects in a virtual machine'
	@echo 'make test           KUnit in lab uml, the demo'"'"'s steps in lab debian'
	@echo 'make test LAB=...   uml, uml-preempt, uml-kasan, x86-debug, debian; all of these; x86-32, arm64-64k'
	@echo 'make torture        everything at once, LAB=uml, for MINUTES=1, from SEED'
	@echo 'make bench LAB=...  time against kmem_cache: uml, host; count instructions: debian, x86'
	@echo 'make shell LAB=...  a shell in a lab (debian) with kmobj loaded'
	@echo 'make port MODULE=...  a module of the kernel (fs/minix) compiled against kmobj, unchanged'
	@echo 'make port-test      minix and f2fs on kmobj, on a disk in lab debian, beside the untouched ones'
	@echo 'make memory         four file systems churned together, one unmounted: what comes back, kmobj and SLUB'
	@echo 'make fsbench        kmobjfs beside tmpfs, in uml or LAB=debian: trees, stress-ng, fio, memory a file'
	@echo 'make check          sparse, checkpatch, W=1, kernel-doc, shellcheck'
	@echo 'make model          the ownership of slabs, verified with spin, each barrier shown to be needed'
	@echo 'make load, unload   on this machine'
	@echo 'make install        kmobj.ko and kmobj_kmem_cache.ko into the modules folder of the kernel of KDIR'
	@echo 'make clean          remove what was compiled; the kernels stay in the cache'
