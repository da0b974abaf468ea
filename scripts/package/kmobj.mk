# SPDX-License-Identifier: GPL-2.0
# For the Kbuild of a module that uses kmobj:
#	include /usr/share/kmobj/kmobj.mk
# is two lines, and says what to do if kmobj is not there for the kernel that the module is compiled for.

kmobj-for-clients := /lib/modules/$(KERNELRELEASE)/kmobj
ifeq ($(filter %/Makefile.clean,$(MAKEFILE_LIST))$(wildcard $(kmobj-for-clients)/Module.symvers),)
$(error kmobj is not installed for Linux $(KERNELRELEASE): run dkms autoinstall -k $(KERNELRELEASE))
endif
ccflags-y += -I$(kmobj-for-clients)/include
KBUILD_EXTRA_SYMBOLS += $(kmobj-for-clients)/Module.symvers
