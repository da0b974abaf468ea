#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# port.sh [-l LAB] [-o OPTION] MODULE...: compile modules of the kernel against kmobj with not
# a line of them changed, and the untouched ones beside them, and print the folder: in it
# kmobj/FOLDER and slub/FOLDER.  The source is that of the lab's kernel (debian), taken out of
# Debian's package into build/.
#   MODULE     a folder of the source, such as fs/minix: the first module of its makefile;
#              or a module's name, such as nf_conntrack
#   -o OPTION  of the folder's modules that of CONFIG_OPTION
#   PORT_SOURCE=FOLDER, PORT_IN=FOLDER  take modules from that source instead; compile there
# Those named, and ported before, may use each other's symbols: name them in that order.
# port.sh [-l LAB] -L: port each module of that kernel that creates a kmem_cache, and list
# what came of it.

# shellcheck source=scripts/lab/lib.sh
. "$(dirname "$0")/../lab/lib.sh"
# shellcheck source=scripts/lab/labs.sh
. "$lab/labs.sh"

of_lab=debian wanted='' list=''
while getopts 'l:o:L' argument; do
	case $argument in
	l) of_lab=$OPTARG ;;
	o) wanted=CONFIG_${OPTARG#CONFIG_} ;;
	L) list=yes ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[[ $list ]] || (($#)) || die "usage: port.sh [-l LAB] [-o OPTION] MODULE..., such as: port.sh fs/minix"
lab_define "$of_lab"
source=${PORT_SOURCE:-$("$lab/kernel.sh" source "$of_lab")}
kernel=$("$lab/kernel.sh" "$of_lab")
config=$kernel/build/.config
folder=${PORT_IN:-$top/build/port/$of_lab}
symvers=$top/build/$of_lab/Module.symvers

# What the kernel itself allocates from a cache that it is handed, where a zone is no address: a module
# that calls one of these creates the cache for it.
declare -A takes_cache=(
	[lc_create]='struct lru_cache'
	[inet_hashinfo2_init_mod]='struct inet_hashinfo'
)

# makefile FOLDER: what the kernel reads there, with what that includes.
makefile()
{
	local file=$source/$1/Kbuild
	[[ -e $file ]] || file=$source/$1/Makefile
	[[ -e $file ]] || return 0
	awk -v "source=$source" '
		function show(file,  line) {
			while ((getline line < file) > 0) {
				if (line ~ /^include \$\(srctree\)\//) { sub(/.*\$\(srctree\)/, source, line); show(line) }
				else print line
			}
		}
		BEGIN { show(ARGV[1]) }' "$file"
}

# modules FOLDER: a line for each that its makefile knows, OPTION NAME.
modules()
{
	makefile "$1" | sed -e ':more' -e '/\\$/{N;s/\\\n//;b more' -e '}' | awk '
		/^obj-\$\(/ && match($0, /CONFIG_[A-Z0-9_]+/) {
			option = substr($0, RSTART, RLENGTH)
			sub(/^[^=]*=/, ""); sub(/#.*/, "")
			for (i = 1; i <= NF; i++)
				if ($i ~ /\.o$/) print option, substr($i, 1, length($i) - 2)
		}'
}

value_of() { sed -n "s/^$1=//p" "$config"; }

# The option that makes a module of FOLDER, and the modules: `option` and `names`.
choose_in_folder()
{
	local of=$1 all
	all=$(modules "$of")
	[[ $all ]] || die "$of: no obj-\$(CONFIG_...) in its makefile: name a folder that has a module, or a module"
	option=${wanted:-${all%% *}}
	mapfile -t names < <(sed -n "s/^$option //p" <<<"$all")
	((${#names[@]})) || die "$of has no module of $option; it has: $(offers "$all")"
	[[ $(value_of "$option") != y ]] ||
		die "$option is built into the kernel of lab $of_lab. Modules of $of, by MODULE=: $(offers "$all")"
	[[ $wanted ]] || ! grep -qv "^$option " <<<"$all" ||
		say "$of: ${names[*]}, of $option; all that it has, by MODULE=: $(offers "$all")"
}

# offers LINES: of those that modules() printed the names, but what is built in.
offers()
{
	local option module
	while read -r option module; do
		[[ $(value_of "$option") = y ]] || echo "$module"
	done <<<"$1" | sort -u | tr '\n' ' '
}

# Modules of the source whose name is PATTERN, with their folders.
makers()
{
	local file
	grep -rlsE --include=Makefile --include=Kbuild "[[:space:]]$1\.o\>" \
		"$source"/{fs,net,drivers,block,lib,mm,crypto,security,sound,arch/x86} | while read -r file; do
		file=${file#"$source/"}
		modules "${file%/*}" | sed -nE "s,^.* ($1)\$,${file%/*}/\1,p"
	done
}

# Where a module of that name is made: what the lab's kernel has, or else the source.
choose_by_name()
{
	local pattern=${1//[-_]/[-_]} path
	path=$(find "$kernel"/root/lib/modules/*/kernel -name "$pattern.ko" 2>/dev/null | sed -n 1p) || true
	if [[ $path ]]; then
		path=${path##*/kernel/}
	else
		path=$(makers "$pattern" | sed -n 1p) || true
		[[ $path ]] || die "no module $1 in ${source##*/}"
	fi
	module=${path%/*}
	read -r option path < <(modules "$module" | grep -E " $pattern\$") || true
	names=("${path##*/}")
	names=("${names[0]%.ko}")
	[[ $option ]] || die "$1: the makefile of $module does not say which option makes it"
	[[ $(value_of "$option") != y ]] || die "$1 is built into the kernel of lab $of_lab: $option=y"
}

# What was found for modules that this kernel does not have: those ported before, and this one.
extra_options() { cat "$folder"/options/* "$folder/config/own" 2>/dev/null || true; }

# An option that this kernel leaves out is as in Debian's kernel for every machine, if it is
# of the module's own Kconfig and what it depends on is there.
configure()
{
	local own line
	own=$({ echo "$option"; sed -nE 's/^(menu)?config +/CONFIG_/p' "$source/$module"/Kconfig* 2>/dev/null; } | sort -u)
	{
		cat "$config"
		extra_options
		[[ ! -e $source/debian-config ]] || grep -wF "$own" "$source/debian-config" || true
		echo "$option=m"
	} >"$folder/config/.config"
	make -C "$source" "O=$folder/config" "ARCH=$lab_arch" "CROSS_COMPILE=$lab_cross" "LLVM=$lab_llvm" \
		olddefconfig >"$log" 2>&1 || die "$module: $(first_error) (all of it: $log)"
	grep -qx "$option=m" "$folder/config/.config" ||
		die "$module: $option needs what the kernel of lab $of_lab does not have: $(depends)"
	while read -r line; do
		! grep -q "^$line=" "$config" || continue
		grep "^$line=" "$folder/config/.config" || true
	done <<<"$own" >"$folder/config/own"
}

# What the Kconfig of an option says of others.
depends()
{
	grep -rhE -A 12 --include='Kconfig*' "^(menu)?config ${option#CONFIG_}\$" "$source/${module%%/*}" |
		awk 'NR > 1 && /^(menu)?config / { exit } /depends on/ { sub(/^[ \t]*/, ""); print }' | paste -sd ';'
}

# The first that went wrong, in the log of a make.
first_error()
{
	{ grep -m 1 -E '(^|: )(fatal )?(error|ERROR): |\*\*\* ' "$log" || tail -n 1 "$log"; } |
		sed -E "s,$folder/(slub|kmobj)/,,g; s,$source/,,g"
}

# reach TREE FOLDER: FOLDER is a copy there, and links lead to all that is in and beside those around it.
reach()
{
	local tree=$1 path='' part
	mkdir -p "$tree"
	while read -r part; do
		ln -s "$source/$path"* "$tree/$path" 2>/dev/null || true
		path+=$part/
		[[ ! -L $tree/${path%/} ]] || rm "$tree/${path%/}"
		mkdir -p "$tree/$path"
	done < <(tr / '\n' <<<"$2")
	find "$tree/$path" -type l -delete
	cp -rp "$source/$path." "$tree/$path"
}

# Other folders whose objects become part of the module, such as ../../../virt/kvm/eventfd.o.
objects_elsewhere()
{
	local path
	makefile "$module" | grep -oE '(\.\./)+[a-z0-9_/-]+' | sort -u | while read -r path; do
		path=$(realpath -m --relative-to "$source" "$source/$module/$path")
		[[ -d $source/$path ]] || path=${path%/*}
		[[ ! -d $source/$path ]] || echo "$path"
	done || true
}

# A Kbuild of ours around what the makefile says, without the folder's other modules.
kbuild()
{
	local tree=$1 key value
	extra_options | sed 's/=/ := /'
	[[ $tree != "$folder/kmobj" ]] ||
		echo "NOSTDINC_FLAGS := -I$top/module/include/kmem_cache \$(NOSTDINC_FLAGS)"
	# Headers of tracepoints name others from where the source has them.
	echo "NOSTDINC_FLAGS += -idirafter $tree/include/trace -idirafter $tree/include/trace/events"
	makefile "$module" | sed -E "s,\\\$\(srctree\)/\\\$\((src|obj)\),\$(\1),g; s,\\\$\(srctree\),$tree,g"
	while IFS='=' read -r key value; do
		case $value in
		m) echo "ccflags-y += -D${key}_MODULE=1" ;;
		y) echo "ccflags-y += -D$key=1" ;;
		*) echo "ccflags-y += '-D$key=$value'" ;;
		esac
	done < <(extra_options)
	printf 'obj-m :=%s\nobj-y :=\nlib-y :=\n' "$(printf ' %s.o' "${names[@]}")"
}

# Every file of the kernel's is there as it was.
unchanged()
{
	! diff -rq --exclude=Kbuild "$source/$module" "$1/$module" | grep -v "^Only in $1" >&2 ||
		die "changed: files of $module"
}

# symbols KIND: of kmobj's modules, and of those ported before.
symbols()
{
	[[ $1 != kmobj ]] || echo "$symvers"
	find "$folder/symbols/$1" -type f ! -name "${names[0]}"
}

# compile KIND COMPLAINT
compile()
{
	local tree=$folder/$1 other
	reach "$tree" include/trace/events
	for other in $(objects_elsewhere); do reach "$tree" "$other"; done
	reach "$tree" "$module"
	kbuild "$tree" >"$tree/$module/Kbuild"
	lab_make "$kernel" "$tree/$module" "KBUILD_EXTRA_SYMBOLS=$(symbols "$1" | paste -sd ' ')" >"$log" 2>&1 || failed "$2"
	unchanged "$tree"
	cp "$tree/$module/Module.symvers" "$folder/symbols/$1/${names[0]}"
}

# What is called of that, if no module ported before has it.
hands_cache_over()
{
	local symbol file
	for file in "${names[@]}"; do
		for symbol in "${!takes_cache[@]}"; do
			! grep -qw "$symbol" <(nm -u "$folder/slub/$module/$file.ko") ||
				grep -qsw "$symbol" "$folder"/symbols/kmobj/* ||
				die "$file hands a cache to $symbol(): the kernel itself allocates" \
					"from the one in ${takes_cache[$symbol]}, and cannot from a zone"
		done
	done
}

# kmobj itself, once.
kmobj_ready()
{
	[[ ! ${kmobj_is_ready:-} ]] || return 0
	"$lab/build.sh" "$of_lab" >"$log" 2>&1 ||
		die "kmobj itself does not compile for lab $of_lab: $(first_error) (all of it: $log)"
	kmobj_is_ready=yes
}

# What one MODULE of the command line means: `module`, `option` and `names`.
choose()
{
	module=${1%/} option='' names=()
	if [[ $module = */* || -d $source/$module ]]; then
		[[ -d $source/$module ]] || die "no $module in ${source##*/}"
		choose_in_folder "$module"
	else
		choose_by_name "${module%.ko}"
	fi
}

port()
{
	local log
	choose "$1"
	log=$folder/logs/${names[0]}
	rm -f "$folder/config/own" "$folder/options/${names[0]}"
	[[ $(value_of "$option") = m ]] || configure
	compile slub "its untouched source does not compile, kmobj is not to blame"
	hands_cache_over
	kmobj_ready
	compile kmobj "it compiles untouched, but not with kmobj's headers"
	[[ ! -e $folder/config/own ]] || mv "$folder/config/own" "$folder/options/${names[0]}"
}

failed()
{
	die "${names[0]} ($module), for the kernel of lab $of_lab: $1: $(first_error) (all of it: $log)"
}

# Objects of another kernel would be taken for up to date.
ready()
{
	if [[ $(cat "$folder/.kernel" 2>/dev/null) != "$kernel" ]]; then
		rm -rf "$folder"/{slub,kmobj,config,options,symbols,logs}
	fi
	mkdir -p "$folder"/{config,options,symbols/{slub,kmobj},logs}
	echo "$kernel" >"$folder/.kernel"
}

port_all()
{
	local one
	ready
	for one; do port "$one"; done
}

# The modules of this kernel that create a kmem_cache.
creators()
{
	local file
	find "$kernel"/root/lib/modules/*/kernel -name '*.ko' 2>/dev/null | sort | while read -r file; do
		! grep -qE ' (kmem_cache_create(_usercopy)?|__kmem_cache_create_args)$' <(nm -u "$file") ||
			basename "$file" .ko
	done
}

list_all()
{
	local all one said=$folder/logs/said
	ready
	mapfile -t all < <(creators)
	((${#all[@]})) || die "the kernel of lab $of_lab has no modules to look at: take lab debian"
	say "${#all[@]} modules of the kernel of lab $of_lab create a kmem_cache. To compile all takes an hour or more;" \
		"the list is kept in $folder/list."
	for one in "${all[@]}"; do
		attempt port "$one" 2>"$said"
		if ((${attempted:?} == 0)); then
			printf '%s\tbuilds\n' "$one"
		else
			printf '%s\t%s\n' "$one" "$(tail -n 1 "$said")"
		fi
	done | tee "$folder/list"
}

if [[ $list ]]; then
	with_lock "port-${folder//\//-}" list_all
else
	with_lock "port-${folder//\//-}" port_all "$@"
	echo "$folder"
fi
