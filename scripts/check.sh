#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh: what can be said about the sources without running them.  The last
# line is `N passed, N failed`; every check counts as one.

. "$(dirname "$0")/lab/lib.sh"
. "$lab/labs.sh"
. "$top/scripts/test/count.sh"

cd "$top"
"$lab/tools.sh" man-db
source=$("$lab/kernel.sh" source)
mapfile -t c_files < <(find module kunit -name '*.c' ! -name '*.mod.c' | sort)
mapfile -t sources < <(find module kunit -name '*.[ch]' ! -name '*.mod.c' | sort)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Everything is a script of ours that says so in its first lines.
shell_scripts_clean()
{
	local files
	mapfile -t files < <(grep -rlE '^#!/bin/(ba)?sh|^# shellcheck shell=' scripts .ci)
	shellcheck -x "${files[@]}"
}

# quiet_build LAB [MAKE-ARGUMENT...]: from scratch and without a warning; a test of that lab finds it compiled.
quiet_build()
{
	local log=$work/log built=yes
	rm -rf "$top/build/$1"
	"$lab/build.sh" "$@" >"$log" 2>&1 || built=''
	without_pahole "$log"
	if [[ ! $built ]] || grep -qiE 'warning:|error:' "$log"; then
		grep -iE 'warning:|error:' "$log" | sort -u || cat "$log"
		return 1
	fi
}

# Sparse that says nothing may not have run at all: it must see a planted mistake...
sparse_works()
{
	mkdir "$work/planted"
	echo 'obj-m := planted.o' >"$work/planted/Kbuild"
	cat >"$work/planted/planted.c" <<-'END'
		#include <linux/module.h>
		int planted(int __user *p);
		int planted(int __user *p)
		{
			return *p;
		}
		MODULE_LICENSE("GPL");
	END
	make -C "$("$lab/kernel.sh" debian)/build" "M=$work/planted" C=2 modules >"$work/log" 2>&1
	grep -q 'planted.c:5:.*dereference of noderef' "$work/log" || { cat "$work/log"; return 1; }
}

# ... and have looked at each of ours.
sparse_clean()
{
	local file
	quiet_build debian C=2 || return
	for file in "${c_files[@]}"; do
		[[ ${file%%/*} != kunit ]] || continue		# Debian's kernels have no KUnit
		grep -qE "CHECK .*/$file\$" "$work/log" || { echo "not seen by sparse: $file"; return 1; }
	done
}

# It must not take this repository for the kernel's.
checkpatch=(env "GIT_DIR=$work/none" perl "$source/scripts/checkpatch.pl" "--root=$source" --strict --terse --no-summary
	    --show-types)

checkpatch_clean()
{
	local file bad=0 ignore plain=()
	for file in "${sources[@]}"; do
		case $file in
		# Comparing LINUX_VERSION_CODE with constants is what it is for; and it has macros of the
		# kernel's own shape, such as a load that jumps to a label, or an export.
		*compat.h)
			ignore=LINUX_VERSION_CODE,CONSTANT_COMPARISON,MACRO_WITH_FLOW_CONTROL,MACRO_ARG_REUSE
			ignore+=,MACRO_ARG_UNUSED,MULTISTATEMENT_MACRO_USE_DO_WHILE
			;;
		# Names of parameters, of which the kernel's macros make names.
		*/tunable.h) ignore=MACRO_ARG_REUSE ;;
		# Loops, which name what they go through twice.
		*/section.h | */depot.h) ignore=MACRO_ARG_REUSE,COMPLEX_MACRO ;;
		# A function whose name is taken for that of a loop.
		*/live.c) ignore=OPEN_BRACE ;;
		# The shape of TRACE_EVENT() is not that of a function.
		*/trace.h) ignore=OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT ;;
		*)
			plain+=("$file")
			continue
			;;
		esac
		"${checkpatch[@]}" --ignore "$ignore" -f "$file" || bad=1
	done
	printf '%s\0' "${plain[@]}" | xargs -0 -n 8 -P "$(nproc)" "${checkpatch[@]}" -f || bad=1
	return $bad
}

kernel_doc_clean()
{
	"$source/scripts/kernel-doc" -none -Werror module/include/*.h module/*/*.[ch] module/kmem_cache/*.c
}

# Labels of the models: a step with another name in the C code, and a file that is not there, are seen.
labels_see_mistakes()
{
	local folder=$work/labels
	mkdir -p "$folder/scripts"
	cp -r module "$folder/"
	cp -r scripts/model "$folder/scripts/"
	sed -i 's/take\.look/take.planted/' "$folder/module/slab/depot.c"
	sed -i 's/memory of memory\.pml/memory of planted.pml/' "$folder/scripts/model/kmobj.pml"
	! scripts/model/labels.sh "$folder" >"$work/log" || return
	cut -d : -f 1 "$work/log" | diff - <(printf '%s\n' take.planted take.look planted.pml)
}

# owner_writes FOLDER: where a slab's owner is written elsewhere than by the functions for that.
owner_writes()
{
	local functions
	functions=$(grep -rlE --include='*.h' '^static .*void slab_set_owner\(' "$1/module") || return
	! grep -rnP --include='*.[ch]' \
		'(?<!\bc)->owner\s*[-+|&^]?=(?!=)|(_ONCE|store_release|xchg\w*)\(&?(?!c->)[^,]*->owner\s*,' \
		"$1/module" | grep -v "^$functions:"
}

owner_writes_see_mistakes()
{
	local folder=$work/owner
	mkdir "$folder"
	cp -r module "$folder/"
	cat >>"$folder/module/slab/depot.c" <<-'END'
		slab->owner = c->owner;
		slab_at(zone, obj)->owner |= KMOBJ_FULL_OWNED;
		WRITE_ONCE(slab->owner, KMOBJ_OWNER_DEPOT);
		if (try_cmpxchg(&slab->owner, &owner, KMOBJ_OWNER_DEPOT) || slab->owner == c->owner)
		c->owner = READ_ONCE(slab->owner);
	END
	! owner_writes "$folder" >"$work/log" || return
	cut -d : -f 3- "$work/log" | diff - <(tail -5 "$folder/module/slab/depot.c" | head -4)
}

# suites_are_outside ROOT: those of kunit/ include of the module what clients do, and a sample.
suites_are_outside()
{
	! grep -nE '#include "(\.\./module|internal)/' "$1"/kunit/*.[ch] |
		grep -vE '"\.\./module/(include|samples)/'
}

suites_outside_see_mistakes()
{
	local folder=$work/outside
	mkdir "$folder"
	cp -r kunit "$folder/"
	sed -i '1i #include "internal/peek.h"' "$folder/kunit/bulk.c"
	sed -i '1i #include "../module/slab/slab.h"' "$folder/kunit/ctor.c"
	! suites_are_outside "$folder" >"$work/log" || return
	sed 's|.*/||; s|:.*||' "$work/log" | sort | diff - <(printf '%s\n' peek.h\" slab.h\")
}

# The order of folders: an include that looks up, a client's of what is not for it, and two files that
# call each other, are seen.
layers_see_mistakes()
{
	local folder=$work/layers
	mkdir -p "$folder/build/module/core"
	cp -r module "$folder/"
	echo '#include "core/birth.h"' >>"$folder/module/slab/depot.c"
	echo '#include "../../slab/depot.h"' >>"$folder/module/tests/exercise/lru.c"
	echo 'void b(void); void a(void); void a(void) { b(); }' | cc -c -x c -o "$folder/build/module/core/a.o" -
	echo 'void b(void); void a(void); void b(void) { a(); }' | cc -c -x c -o "$folder/build/module/core/b.o" -
	! scripts/layers.sh "$folder" "$folder/build" >"$work/log" || return
	cut -d : -f 1 "$work/log" | diff - <(printf '%s\n' module/slab/depot.c module/tests/exercise/lru.c \
		module/core/a.c module/core/b.c)
}

# exports_known FOLDER SUITES: those of modules compiled there; the ones for suites, where there are suites (y or n),
# and no others, are named as such and in their namespace. The samples have names of their own.
exports_known()
{
	awk -F '\t' -v suites="$2" '
		$3 ~ /(^|\/)module\/samples\// { next }
		$5 == "KMOBJ_TESTS" { tests++ }
		$2 !~ /^kmobj_/ || ($2 ~ /^kmobj_test_/) != ($5 == "KMOBJ_TESTS") ||
			($5 == "KMOBJ_TESTS" && suites != "y") { print $2; bad = 1 }
		END {
			if (suites == "y" && !tests) { print "none for the suites"; bad = 1 }
			exit bad || !NR
		}' "$1/Module.symvers"
}

exports_see_mistakes()
{
	local folder=$work/exports
	mkdir "$folder"
	printf '0x0\t%s\tmodule/%s\tEXPORT_SYMBOL_GPL\t%s\n' kmobj_alloc kmobj '' namecache_planted samples/namecache/x '' \
		planted kmobj '' kmobj_test_a kmobj '' zone_planted kmobj KMOBJ_TESTS kmobj_b kmobj KMOBJ_TESTS \
		kmobj_test_c kmobj KMOBJ_TESTS >"$folder/Module.symvers"
	! exports_known "$folder" y >"$work/log" || return
	diff "$work/log" <(printf '%s\n' planted kmobj_test_a zone_planted kmobj_b) || return
	! exports_known "$folder" n >"$work/log" || return
	diff "$work/log" <(printf '%s\n' planted kmobj_test_a zone_planted kmobj_b kmobj_test_c) || return
	sed -i '/KMOBJ_TESTS/d; /planted\|kmobj_test/d' "$folder/Module.symvers"
	exports_known "$folder" n && ! exports_known "$folder" y >"$work/log" && grep -q 'none for' "$work/log"
}

# globals_shared FOLDER: what files of kmobj.ko, compiled there, define is static, exported, or of use to another
# of them. trace.o is made by the kernel's macros.
globals_shared()
{
	{
		awk -F '\t' '{ sub(/^kmobj_test_/, "", $2); print $2, "U" }' "$1/Module.symvers"
		find "$1"/module/{main.o,kernel,slab,debug,core,zone} -name '*.o' ! -name trace.o -exec nm -P {} +
	} | awk '
		$2 == "U" { used[$1] }
		$2 ~ /^[A-TV-Z]$/ && $1 !~ /^(__|kmobj_test_|(init|cleanup)_module$)/ { defined[$1] }
		END {
			for (name in defined)
				if (!(name in used)) { print name; bad = 1 }
			exit bad || !length(defined)
		}'
}

globals_see_mistakes()
{
	local folder=$work/globals
	mkdir -p "$folder"/module/{kernel,slab,debug,core,zone}
	printf '0x0\t%s\tmodule/kmobj\tEXPORT_SYMBOL_GPL\t\n' a kmobj_test_b >"$folder/Module.symvers"
	echo 'int a(void), b(void), c(void), planted; static int e; int a(void) { return e++; }
		int b(void) { return planted; } int c(void) { return b(); }' | cc -c -x c -o "$folder/module/core/x.o" -
	echo 'int c(void), init_module(void); int init_module(void) { return c(); }' | cc -c -x c -o "$folder/module/main.o" -
	! globals_shared "$folder" >"$work/log" || return
	diff "$work/log" <(echo planted)
}

# version_agrees FOLDER MODULES: the newest version in CHANGES.md, those in INSTALL.md, and that of the
# modules compiled in MODULES, is that of dkms.conf, and nobody writes one of his own.
version_agrees()
{
	local version module
	version=$(sed -n 's/^PACKAGE_VERSION="\([0-9.]*\)"$/\1/p' "$1/dkms.conf")
	[[ $version ]] || { echo "dkms.conf: no PACKAGE_VERSION"; return 1; }
	[[ $(sed -n '/^## /{s/^## //p;q}' "$1/CHANGES.md") = "$version" ]] ||
		{ echo "CHANGES.md: its newest version is not dkms.conf's, $version"; return 1; }
	[[ $(grep -oE 'kmobj(-dkms_|-dev_|-|/)[0-9][0-9.]*[0-9]' "$1/INSTALL.md" | sed 's/.*[^0-9.]//' | sort -u) = "$version" ]] ||
		{ echo "INSTALL.md: not all versions are dkms.conf's, $version"; return 1; }
	for module in kmobj kmem_cache/kmobj_kmem_cache; do
		[[ $(modinfo -F version "$2/module/$module.ko") = "$version" ]] ||
			{ echo "$module.ko: its version is not dkms.conf's, $version"; return 1; }
	done
	! grep -rnE --include='*.[ch]' 'MODULE_VERSION\("|define KMOBJ_VERSION' "$1/module"
}

version_sees_mistakes()
{
	local folder=$work/version
	mkdir "$folder"
	cp -r CHANGES.md INSTALL.md dkms.conf module "$folder/"
	sed -i 's/^PACKAGE_VERSION=.*/PACKAGE_VERSION="0.0"/' "$folder/dkms.conf"
	! version_agrees "$folder" build/debian >"$work/log" && grep -q ^CHANGES.md "$work/log" || return
	sed -i '0,/^## .*/s//## 0.0/' "$folder/CHANGES.md"
	! version_agrees "$folder" build/debian >"$work/log" && grep -q ^INSTALL.md "$work/log" || return
	sed -i -E 's,(kmobj[-/_a-z]*)[0-9]+\.[0-9]+,\10.0,g' "$folder/INSTALL.md"
	! version_agrees "$folder" build/debian >"$work/log" && grep -q ^kmobj.ko "$work/log" || return
	cp CHANGES.md INSTALL.md dkms.conf "$folder/"
	sed -i 's/MODULE_VERSION(.*/MODULE_VERSION("0.1");/' "$folder/module/main.c"
	! version_agrees "$folder" build/debian >"$work/log" && grep -q 'main.c:.*"0.1"' "$work/log"
}

# Comments: a function that is gone, one that never was, and a file that is not there, are seen.
comments_see_mistakes()
{
	local folder=$work/comments
	mkdir "$folder"
	cp -r module kunit scripts ./*.md "$folder/"
	sed -i 's/^void reserve_flush(/void reserve_planted(/' "$folder/module/core/idle.c"
	sed -i 's/reserve_flush(/reserve_planted(/' "$folder"/module/*/*.[ch] "$folder"/kunit/{,internal/}*.c
	echo '/* As reserve_flush() and planted_in_a_comment() do: see planted.c, reserve.c and kref_get(). */' \
		>>"$folder/module/core/drain.c"
	! scripts/comments.sh "$source" "$folder" >"$work/log" || return
	cut -d : -f 1 "$work/log" | diff - <(printf '%s\n' planted_in_a_comment reserve_flush planted.c)
}

# Documents: a target, a script and a variable that are not there are seen. Its name is in two parts, or it
# would be there.
documents_see_mistakes()
{
	local folder=$work/documents
	mkdir "$folder"
	cp -r Makefile module scripts ./*.md "$folder/"
	printf '    %s\n' 'PLAN''TED_ROWS=1 make planted' 'scripts/planted.sh' >>"$folder/README.md"
	! scripts/test/documents.sh names "$folder" >"$work/log" || return
	cut -d : -f 1 "$work/log" | diff - <(printf '%s\n' 'script scripts/planted.sh' 'target planted' \
		'variable PLAN''TED_ROWS')
}

# INSTALL.md: a block without a mark, and one whose mark no test asks for, are seen.
install_sees_mistakes()
{
	local folder=$work/install
	mkdir "$folder"
	cp -r scripts INSTALL.md "$folder/"
	printf '%s\n' 'Planted:' '' '    no mark' '' '<!-- run: planted -->' '' '    no test' >>"$folder/INSTALL.md"
	! scripts/test/documents.sh run "$folder" >"$work/log" || return
	cut -d : -f 2 "$work/log" | diff - <(grep -nE '^    no (mark|test)$' "$folder/INSTALL.md" | cut -d : -f 1)
}

# A row that is lost, one that is there twice, and one of a lab that is not there.
labs_see_mistakes()
{
	local folder=$work/labs
	mkdir -p "$folder/scripts/test"
	sed 's/^| debian-13-rt /| debian-planted /; /^| uml-small /p' scripts/test/README.md >"$folder/scripts/test/README.md"
	! scripts/test/documents.sh labs "$folder" >"$work/log" || return
	cut -d : -f 1 "$work/log" | diff - <(printf '%s\n' debian-13-rt debian-planted uml-small)
}

# man_pages FOLDER: man-db finds their names, groff has nothing to say.
man_pages()
{
	local page bad=0
	for page in "$1"/*; do
		lexgrog "$page" >"$work/log" || { cat "$work/log"; bad=1; }
		LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null |
			sed "s,^,${page##*/}: ," >"$work/log"
		[[ ! -s $work/log ]] || { cat "$work/log"; bad=1; }
	done
	return $bad
}

# man_pages_complete FOLDER MODULE: they name each function, parameter, file of debugfs and option.
man_pages_complete()
{
	local folder=$1 name tool bad=0
	lacks() { echo "$1 lacks $2"; bad=1; }
	for name in "$folder"/*[kK][mM][oO][bB][jJ]_*.9; do
		name=${name##*/}
		grep -qF "\fB${name%.9}\fP(9)" "$folder/kmobj.9" || lacks kmobj.9 "$name"
	done
	while IFS=: read -r name _; do
		grep -qE "^\.BR? \"?$name\b" "$folder/kmobj.4" || lacks kmobj.4 "$name"
	done < <(modinfo -p "$2")
	while read -r name; do
		grep -qE "^\.I (zones/NAME/)?$name\b" "$folder/kmobj.4" || lacks kmobj.4 "$name"
	done < <(grep -ohP 'debugfs_create_file\("\K\w+' "$top/module/zone/debugfs.c")
	"$lab/tools.sh" python3-drgn
	while read -r tool name; do
		grep -qF -- "${name//-/\\-}" "$folder/$tool.8" || lacks "$tool.8" "$name"
	done < <(for tool in kmobjstat kmobjdump; do
			"$top/scripts/tools/$tool" --help | grep -oE -- '--?[a-z]+' | sort -u | sed "s/^/$tool /"
		 done)
	return $bad
}

man_pages_clean()
{
	scripts/tools/man.sh "$work/man" >"$work/log" 2>&1 || { cat "$work/log"; return 1; }
	man_pages "$work/man"
}

man_pages_see_mistakes()
{
	local folder=$work/man-planted
	cp -r "$work/man" "$folder"
	sed -i 's/^kmobjtop .- /kmobjtop: /' "$folder/kmobjtop.8"
	echo '.XX planted' >>"$folder/kmobj_alloc.9"
	! man_pages "$folder" >"$work/said" || return
	sed 's/: .*//' "$work/said" | grep -oE 'kmobj\w+\.[89]$' | sort -u | diff - <(printf '%s\n' kmobj_alloc.9 kmobjtop.8) || return
	sed -i '/kmobj_free_rcu/d' "$folder/kmobj.9"
	sed -i '/rcu_ms/d; /vmstat$/d' "$folder/kmobj.4"
	sed -i 's/json/nosj/' "$folder/kmobjstat.8"
	sed -i 's/core/ocre/' "$folder/kmobjdump.8"
	! man_pages_complete "$folder" build/uml/module/kmobj.ko >"$work/said" || return
	diff "$work/said" <(printf '%s lacks %s\n' kmobj.9 kmobj_free_rcu.9 kmobj.4 rcu_ms kmobj.4 vmstat kmobjstat.8 --json kmobjdump.8 --core)
}

# The module that README.md shows, just as it stands there.
readme_compiles()
{
	local file folder
	mkdir "$work/readme"
	for file in Kbuild hello.c; do
		block README.md "check: $file" >"$work/readme/$file" || return
	done
	folder=$("$lab/build.sh" debian 2>"$work/log") || { cat "$work/log"; return 1; }
	if ! make -C "$("$lab/kernel.sh" debian)/build" "M=$work/readme" "KMOBJ=$top" \
		"KBUILD_EXTRA_SYMBOLS=$folder/Module.symvers" modules >"$work/log" 2>&1 ||
	   grep -q warning: "$work/log"; then
		cat "$work/log"
		return 1
	fi
}

# calls_build LAB [FLAG]: scripts/port/calls.c as a module that moves over without an edit.
calls_build()
{
	local folder
	folder=$("$lab/build.sh" "$1" 2>"$work/log") || { cat "$work/log"; return 1; }
	lab_define "$1"
	mkdir -p "$work/calls"
	cp scripts/port/calls.c "$work/calls/"
	cat >"$work/calls/Kbuild" <<-END
		NOSTDINC_FLAGS := -I$top/module/include/kmem_cache \$(NOSTDINC_FLAGS)
		obj-m := calls.o
		ccflags-y := ${2:+-DREFUSED=$2}
	END
	make -C "$("$lab/kernel.sh" "$1")/build" "M=$work/calls" "ARCH=$lab_arch" \
		"KBUILD_EXTRA_SYMBOLS=$folder/Module.symvers" modules >"$work/log" 2>&1 || return
	without_pahole "$work/log"
}

# Every call goes to kmobj, none to the kernel's caches, and nothing is warned of.
drop_in_compiles()
{
	rm -rf "$work/calls"
	if ! calls_build "$1" || grep -q warning: "$work/log"; then
		cat "$work/log"
		return 1
	fi
	nm -u "$work/calls/calls.o" >"$work/symbols"
	grep -q kmobj_kmem_cache_alloc_lru "$work/symbols" || return
	! grep -wE '(__)?(check_object_size|kmem_cache|kv?free|kfree_|ksize|krealloc|mempool_(alloc|free)_slab|kvfree_)[a-z_]*' "$work/symbols"
}

drop_in_refuses()
{
	! calls_build debian "$1" && grep -q "kmobj_zones_have_no_${1##*_}_memory" "$work/log"
}

# Old kernels whose kfree_rcu() is not a call that could go to kmobj.
drop_in_refuses_tiny_rcu()
{
	local header=$top/module/include/kmobj_kmem_cache.h
	local cc=(cc -fsyntax-only -Wno-pragmas -I "$("$lab/kernel.sh" debian)/build/include/generated/uapi" -x c)
	"${cc[@]}" "$header" || return
	! "${cc[@]}" -DCONFIG_TINY_RCU "$header" 2>"$work/log" && grep -q '#error "kfree_rcu()' "$work/log"
}

# clang_prepare: the newest kernel, configured as in lab x86-cfi for clang and what it checks of indirect
# calls, as far as modules need it; that is less than the lab's kernel.
clang_prepare()
{
	local make=(make -C "$source" "O=$work/clang" ARCH=x86_64 "LLVM=$lab_llvm" "-j$(nproc)")
	"${make[@]}" tinyconfig &&
		"$source/scripts/kconfig/merge_config.sh" -m -O "$work/clang" "$work/clang/.config" \
			"$lab/configs/$lab_fragments.config" &&
		"${make[@]}" olddefconfig && grep -x CONFIG_CFI=y "$work/clang/.config" &&
		"${make[@]}" modules_prepare
}

# All modules; of the drop-in it is the suite that is compiled as a client's would be.
clang_clean()
{
	lab_define x86-cfi
	# shellcheck disable=SC2086
	"$lab/tools.sh" $lab_tools
	mkdir "$work/clang" "$work/clang-modules"
	clang_prepare >"$work/log" 2>&1 </dev/null || { tail -n 30 "$work/log"; return 1; }
	(cd "$top" && tar -cf - --exclude='*.o' --exclude='*.cmd' Kbuild dkms.conf module kunit) |
		tar -xf - -C "$work/clang-modules"
	# There is no list of the kernel's symbols: modpost says of each that it is not known.
	if ! make -C "$work/clang" "M=$work/clang-modules" "LLVM=$lab_llvm" KBUILD_MODPOST_WARN=1 W=1 \
		"-j$(nproc)" modules >"$work/log" 2>&1 || grep -E 'warning: |error: ' "$work/log"; then
		grep -q 'warning: ' "$work/log" || tail -n 30 "$work/log"
		return 1
	fi
	nm -u "$work/clang-modules/kunit/internal/kmem_cache.o" | awk '{ print $2 }' >"$work/symbols"
	grep -qx kmobj_kmem_cache_alloc_lru "$work/symbols" && ! grep -E '^_*(kmem_cache|kv?free|ksize|krealloc)' "$work/symbols"
}

check "shellcheck" shell_scripts_clean
check "checkpatch --strict" checkpatch_clean
check "kernel-doc -Werror" kernel_doc_clean
check "sparse sees a planted mistake" sparse_works
check "sparse and W=1, Debian's kernel" sparse_clean
check "W=1, the newest kernel" quiet_build uml
check "W=1, the newest kernel, without SMP, debugfs and stack traces" quiet_build uml-small
check "labels of the models see planted mistakes" labels_see_mistakes
check "labels of the models and of the C code are the same" scripts/model/labels.sh
check "writes of a slab's owner: planted ones are seen" owner_writes_see_mistakes
check "a slab's owner is written in one place" owner_writes "$top"
check "suites that look inside: planted ones are seen" suites_outside_see_mistakes
check "suites of kunit/ include what clients do" suites_are_outside "$top"
check "the order of the folders: planted mistakes are seen" layers_see_mistakes
check "the order of the folders, and no circle of calls" scripts/layers.sh . build/uml
check "versions: planted mistakes are seen" version_sees_mistakes
check "the version is written in dkms.conf alone" version_agrees . build/debian
check "exports: planted mistakes are seen" exports_see_mistakes
check "exports are called kmobj_, there are none for suites, Debian's kernel" exports_known build/debian n
check "exports are called kmobj_, those for suites kmobj_test_, the newest kernel" exports_known build/uml y
check "what only one file uses: planted ones are seen" globals_see_mistakes
check "what only one file uses is static" globals_shared build/uml
check "comments: planted mistakes are seen" comments_see_mistakes
check "what comments name exists" scripts/comments.sh "$source"
check "what documents tell to type: planted mistakes are seen" documents_see_mistakes
check "what documents tell to type exists" scripts/test/documents.sh names
check "commands of INSTALL.md that no test runs: planted ones are seen" install_sees_mistakes
check "each command of INSTALL.md is run by a test" scripts/test/documents.sh run
check "tables of labs: planted mistakes are seen" labs_see_mistakes
check "the tables of labs have them all" scripts/test/documents.sh labs
check "man pages: lexgrog, man --warnings" man_pages_clean
check "man pages: planted mistakes are seen" man_pages_see_mistakes
check "man pages name what there is" man_pages_complete "$work/man" build/uml/module/kmobj.ko
check "the module in README.md compiles" readme_compiles
check "clang 19, kCFI, W=1, the newest kernel; the drop-in calls kmobj" clang_clean
check "a module written for kmem_cache calls kmobj, Debian's kernel" drop_in_compiles debian
check "a module written for kmem_cache calls kmobj, the newest kernel" drop_in_compiles uml
check "SLAB_CACHE_DMA does not move over" drop_in_refuses SLAB_CACHE_DMA
check "SLAB_CACHE_DMA32 does not move over" drop_in_refuses SLAB_CACHE_DMA32
check "an old kernel without SMP is refused by the drop-in" drop_in_refuses_tiny_rcu
total
