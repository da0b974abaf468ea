# SPDX-License-Identifier: GPL-2.0
# For people; the kernel's own makefiles read Kbuild.

KDIR ?= /lib/modules/$(shell uname -r)/build
LAB ?=
export DESTDIR INSTALL_MOD_PATH
kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR) --no-print-directory

.PHONY: modules headers demo test torture bench shell port port-test memory fsbench load unload install install-samples uninstall deb check model man clean clean-objects help

# The + is for make -j: it does not see the $(MAKE) in $(kbuild).
modules: headers
	+$(kbuild) modules

headers:
	@scripts/package/ready.sh '$(KDIR)'

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
	@scripts/port/port.sh -l $(or $(LAB),debian) $(if $(OPTION),-o $(OPTION)) $(if $(LIST),-L,$(or $(MODULE),fs/minix))

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

man:
	@scripts/tools/man.sh

load: headers
	@scripts/package/load.sh check
	+$(kbuild) modules
	@scripts/package/load.sh load

unload:
	@scripts/package/load.sh unload

# For the kernel of KDIR, below DESTDIR and INSTALL_MOD_PATH. What is installed is what was compiled last.
install install-samples: headers
	@scripts/package/install.sh check '$(KDIR)'
	+$(kbuild) KMOBJ_ONLY=$(if $(filter install,$@),y,samples) modules
	+@scripts/package/install.sh install '$(KDIR)'

uninstall:
	@scripts/package/install.sh uninstall '$(KDIR)'

deb:
	@scripts/package/deb.sh

# Without the kernel's help, whose headers may be gone by now.
clean: clean-objects
	rm -rf build

clean-objects:
	find $(wildcard module kunit) \( -name '*.o' -o -name '*.a' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' \
		-o -name '.*.cmd' -o -name '*.d' -o -name '*.symvers' -o -name modules.order \) -type f -delete
	rm -rf .tmp_versions modules.order Module.symvers .*.cmd .module-common.o .kernel

help:
	@echo 'make                compile the modules for KDIR, by default the running kernel'
	@echo 'make demo           see it work: a file system of kmobj objects in a virtual machine'
	@echo 'make test           KUnit in lab uml, the demo'"'"'s steps in lab debian'
	@echo 'make test LAB=...   uml, uml-small, uml-preempt, uml-kasan, x86-debug, debian, kernels, packages; all of these; x86-32, x86-cfi, arm64-4k, arm64-64k'
	@echo 'make torture        everything at once, LAB=uml, for MINUTES=1, from SEED'
	@echo 'make bench LAB=...  time against kmem_cache: uml, host; count instructions: debian, x86'
	@echo 'make shell LAB=...  a shell in a lab (debian) with kmobj loaded'
	@echo 'make port MODULE=...  modules of the kernel (fs/minix, nf_conntrack), compiled unchanged against kmobj; OPTION=, LIST=1: scripts/port/README.md'
	@echo 'make port-test      minix and f2fs on kmobj, on a disk in lab debian, beside the untouched ones'
	@echo 'make memory         four file systems: one unmounted, half of the files deleted: what comes back, kmobj and SLUB'
	@echo 'make fsbench        kmobjfs beside tmpfs, in uml or LAB=debian: trees, stress-ng, fio, memory a file'
	@echo 'make check          sparse, checkpatch, W=1, kernel-doc, shellcheck'
	@echo 'make model          the ownership of slabs, verified with spin, each barrier shown to be needed'
	@echo 'make man            man pages, those of section 9 from kmobj.h, into build/man'
	@echo 'make load, unload   on this machine'
	@echo 'make install        modules, headers, tools and man pages for the kernel of KDIR; install-samples, uninstall: INSTALL.md'
	@echo 'make deb            packages for Debian, in build/deb'
	@echo 'make clean          remove what was compiled; the kernels stay in the cache'
