#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test.sh [LAB|all]: the tests in that lab; without one, what `make test` does:
# the KUnit suites in uml, the demo's steps and the instruction gate in debian.
# Two minutes, once the kernels are built; a lab by its name does more, `all` all, two at a time.
# The last line is `N passed, N failed`, and `, N skipped` where some were.
# Environment: TEST_SECONDS, after which `all` begins no further lab.

. "$(dirname "$0")/lab/lib.sh"
. "$lab/labs.sh"
. "$top/scripts/test/count.sh"

work=$(mktemp -d)
trap 'end_jobs; rm -rf "$work"' EXIT

# What the sources promise; less was reported when something was lost.
kunit_cases() { cat "$top"/kunit/{,internal/}*.c | grep -cE '\bKUNIT_CASE[A-Z_]*\('; }
kmobjfs_cases() { guest_cases kmobjfs-test/guest; }
guest_cases() { grep -cE '^[[:space:]]*it "' "$top/scripts/$1"; }

# suites_run LAB WHAT SECONDS GUEST: boot and let GUEST report its cases in the log. A failure
# is listed with the first complaint in the log, or else its last line.
suites_run()
{
	local log=$top/build/$1.$2.log complaints
	check "$1: $2 ran to its end, the kernel did not complain" \
		"$lab/boot.sh" -l "$log" -t "$3" "$1" "$work/$1" "$4"
	((${attempted:?} == 0)) || {
		complaints=$("$lab/splats.sh" "$log" || true)
		failures[-1]+=": $(head -n 1 <<<"${complaints:-$(tail -n 1 "$log")}")"
	}
}

# suites_count LAB WHAT CASES [KTAP-OPTION...]: count what the log says.
suites_count()
{
	local log=$top/build/$1.$2.log cases=$3 source
	shift 3
	source=$("$lab/kernel.sh" source)
	"$top/scripts/test/ktap.py" --kunit "$source/tools/testing/kunit/kunit.py" \
		--expect "$cases" "$@" "$log" >"$work/ktap" 2>&1 || true
	cat "$work/ktap"
	tally "$work/ktap"
}

# kunit LAB SECONDS [KTAP-OPTION...]
kunit()
{
	suites_run "$1" kunit "$2" "$top/scripts/test/kunit.guest"
	suites_count "$1" kunit "$(kunit_cases)" "${@:3}"
}

# kmobjfs LAB SECONDS [KTAP-OPTION...]
kmobjfs()
{
	suites_run "$1" kmobjfs "$2" "$top/scripts/kmobjfs-test/guest"
	suites_count "$1" kmobjfs "$(kmobjfs_cases)" "${@:3}"
}

# namecache LAB SECONDS: its suite again, where whatever is handed out or freed is zeroed, readers
# or not, unless a zone says that they may be looking.
namecache()
{
	LAB_APPEND='init_on_alloc=1 init_on_free=1' \
		suites_run "$1" namecache "$2" "$top/scripts/test/namecache.guest"
	suites_count "$1" namecache "$(grep -cE '\bKUNIT_CASE[A-Z_]*\(' "$top/kunit/namecache.c")"
}

# wiped LAB SECONDS: what is wiped between zones, where the kernel wants either or both.
wiped()
{
	local alloc free
	while read -r alloc free; do
		LAB_APPEND="kunit.filter_glob=kmobj_*.*wiped* init_on_alloc=$alloc init_on_free=$free" \
			suites_run "$1" "wiped-$alloc$free" "$2" "$top/scripts/test/kunit.guest"
		suites_count "$1" "wiped-$alloc$free" "$(cat "$top"/kunit/{,internal/}*.c | grep -cE '\bKUNIT_CASE[A-Z_]*\(\w*wiped')"
	done <<-'END'
		1 0
		0 1
		1 1
	END
}

# reports LAB SECONDS: what KASAN and kmemleak are to say, and nothing else.
reports()
{
	check "$1: KASAN and kmemleak report what was done wrong, each once" \
		env LAB_APPEND='kasan_multi_shot log_buf_len=4M' "$lab/boot.sh" -e -l "$top/build/$1.reports.log" -t "$2" \
		"$1" "$work/$1" "$top/scripts/test/reports.guest"
}

# oopses LAB SECONDS: the report of an oops, planted.
oopses()
{
	check "$1: an oops names the object that a register points to" "$lab/boot.sh" -e -l "$top/build/$1.oopses.log" -t "$2" \
		"$1" "$work/$1" "$top/scripts/test/oops.guest"
}

# trace LAB SECONDS: the tracepoints, each counted.
trace()
{
	check "$1: the tracepoints say what happens" "$lab/boot.sh" -l "$top/build/$1.trace.log" -t "$2" \
		"$1" "$work/$1" "$top/scripts/test/trace.guest"
}

# machine LAB SECONDS [KTAP-OPTION...]: what only a whole machine shows.
machine()
{
	cp "$top/scripts/test/machine.lib" "$work/$1/"
	LAB_CPUS=4 LAB_MEM=1G LAB_APPEND=$one_alone \
		suites_run "$1" machine "$2" "$top/scripts/test/machine.guest"
	suites_count "$1" machine "$(guest_cases test/machine.guest)" "${@:3}"
}

# tools LAB SECONDS: kmobjstat and kmobjtop on the files of a guest, and others.
tools()
{
	check "$1: the files that tools read are written" "$lab/boot.sh" -l "$top/build/$1.tools.log" -t "$2" \
		"$1" "$work/$1" "$top/scripts/test/tools.guest"
	"$top/scripts/test/tools.sh" "$top/build/$1.tools.log" >"$work/tools" || true
	grep -v '^ok: ' "$work/tools" || true
	tally "$work/tools"
}

# watched LAB SECONDS: the scripts for bpftrace, and the commands for perf and trace-cmd in their README.
watched()
{
	local payload=$work/watched tools=$top/scripts/tools program
	"$lab/tools.sh" bpftrace linux-perf trace-cmd
	mkdir "$payload"
	cp "$work/$1"/{kmobj,kmobj_exercise}.ko "$tools"/bpftrace/*.bt "$payload/"
	sed -n 's/^    \(\(perf\|trace-cmd\) .*\)/\1/p' "$tools/README.md" >"$payload/recipes"
	for program in bpftrace perf trace-cmd; do guest_tool "$payload" "$program"; done
	LAB_MEM=4G check "$1: bpftrace, perf and trace-cmd show what zones do" "$lab/boot.sh" -l "$top/build/$1.watched.log" -t "$2" \
		"$1" "$payload" "$top/scripts/test/bpftrace.guest"
	rm -r "$payload"
}

# dumped LAB SECONDS: kmobjdump on the memory of a machine that has ended.
dumped()
{
	local payload=$work/dumped folder
	folder=$("$lab/kernel.sh" "$1")
	"$lab/tools.sh" python3-drgn
	mkdir "$payload"
	cp "$work/$1"/{kmobj,kmobj_exercise,kmobjfs}.ko "$payload/"
	find "$folder/root/lib/modules/" -name qemu_fw_cfg.ko -exec cp -t "$payload" {} +
	timeout "$2" "$top/scripts/test/dump.py" "$work/qmp" "$work/core" &
	LAB_MEM=256M LAB_QEMU="-no-shutdown -device vmcoreinfo -qmp unix:$work/qmp,server=on,wait=off" \
		check "$1: memory is dumped" "$lab/boot.sh" -l "$top/build/$1.dump.log" -t "$2" \
		"$1" "$payload" "$top/scripts/test/dump.guest"
	wait $! || true
	"$top/scripts/test/dump.sh" "$top/build/$1.dump.log" "$work/core" "$work/$1/kmobj.ko" >"$work/dump" || true
	grep -v '^ok: ' "$work/dump" || true
	tally "$work/dump"
	rm -rf "$payload" "$work/core"
}

# nodes LAB SECONDS [KTAP-OPTION...]: more nodes, more kinds of them, and cgroups.
nodes()
{
	local suites
	suites=$(cat "$top"/kunit/internal/{node,isolated}.c | grep -cE '\bKUNIT_CASE[A-Z_]*\(')
	cp "$top/scripts/test/machine.lib" "$work/$1/"
	LAB_CPUS=4 LAB_QEMU=$four_nodes LAB_APPEND="$one_alone kmemleak=off" \
		suites_run "$1" nodes "$2" "$top/scripts/test/nodes.guest"
	suites_count "$1" nodes $((suites + $(guest_cases test/nodes.guest))) "${@:3}"
}

# reload LAB ROUNDS SECONDS [KERNEL ALL]: in bytes a round, what the kernel and all may hold more:
# idle noise is 0.1 and 1 MB in all; a page a round, or 256 bytes of slab, is seen.  Grace periods
# are as short as they can be; most of it is waiting. To be called in a shell of its own.
reload()
{
	mkdir -p "$work/reload"
	cp "$work/$1/kmobj.ko" "$work/reload/"
	printf '%s\n' "rounds=$2" "kernel_grows=${4:-256}" "all_grows=${5:-2048}" >"$work/reload/settings"
	LAB_APPEND='rcupdate.rcu_expedited=1 rcutree.jiffies_till_first_fqs=0' \
		exec "$lab/boot.sh" -v -t "$3" "$1" "$work/reload" "$top/scripts/test/reload.guest"
}

# A lab that cannot fail proves nothing: a status, a splat and a hang must come through.
lab_fails()
{
	local guest want limit got
	while read -r want limit guest; do
		echo "$guest" >"$work/guest"
		got=0
		"$lab/boot.sh" -t "$limit" uml "$work/uml" "$work/guest" </dev/null 2>/dev/null || got=$?
		[[ $got = "$want" ]] || return
	done <<-'END'
		0 60 true
		7 60 exit 7
		99 60 echo '<4>WARNING: planted' >/dev/kmsg
		99 60 halt -f
		99 3 sleep 60
	END
}

# lab_floods: what a guest prints in a hurry is in the log to the last line.
lab_floods()
{
	# shellcheck disable=SC2016
	echo 'i=0; while [ $i -lt 20000 ]; do echo "<4>line $((i += 1)) of 20000" >/dev/kmsg; done' >"$work/guest"
	"$lab/boot.sh" -l "$work/flood" -t 100 uml "$work/uml" "$work/guest" || return
	(($(grep -c 'line [0-9]* of 20000' "$work/flood") == 20000))
}

# loads: `make load`, `make unload`, and the commands of INSTALL.md, in a tree as make leaves it.
loads()
{
	local tree=$work/load
	mkdir -p "$tree/scripts/package"
	cp "$top/scripts/package/load.sh" "$tree/scripts/package/"
	(cd "$top/build/uml" && find module/*.ko module/kmem_cache module/samples -name '*.ko' | cpio -pd --quiet "$tree")
	block "$top/INSTALL.md" 'run: insmod' >"$tree/commands"
	"$lab/boot.sh" -l "$top/build/uml.load.log" -t 60 uml "$tree" "$top/scripts/test/load.guest"
}

# sign FOLDER KEYS: the modules in FOLDER, with a key in KEYS, by the commands of INSTALL.md.
sign()
{
	local headers
	# what signs is a program for this machine
	headers=$("$lab/kernel.sh" debian)/build
	block "$top/INSTALL.md" 'run: sign' |
		sed "s,/lib/modules/\$(uname -r)/updates/kmobj,$1,; s,/lib/modules/\$(uname -r)/build,$headers," >"$work/sign"
	! grep /lib/modules "$work/sign" || return
	mkdir "$2"
	(cd "$2" && bash -e "$work/sign")
}

# firmware KEYS: flash for it in KEYS/vars.fd, in which the key is the owner's, and the only one.
firmware()
{
	local variable
	cp /usr/share/OVMF/OVMF_VARS_4M.fd "$1/vars.fd"
	openssl x509 -inform DER -in "$1/MOK.der" -out "$1/MOK.pem"
	cert-to-efi-sig-list "$1/MOK.pem" "$1/list"
	for variable in db KEK PK; do
		flash-var "$1/vars.fd" "$variable" "$1/list"
	done
}

# secured LAB FOLDER KEYS: modules in FOLDER, and a kernel and a firmware for them in KEYS.
secured()
{
	mkdir -p "$2"/{unsigned,signed,foreign}
	cp "$work/$1/kmobj.ko" "$2/unsigned/"
	cp "$work/$1/kmobj.ko" "$2/foreign/"
	cp "$work/$1"/kmobj{,_kmem_cache,_exercise}.ko "$2/signed/"
	sign "$2/signed" "$3"
	sign "$2/foreign" "$3.foreign"
	firmware "$3"
	sbsign --key "$3/MOK.priv" --cert "$3/MOK.pem" --output "$3/image" "$("$lab/kernel.sh" "$1")/image"
}

# secure_boot LAB SECONDS: the kernel, too, is signed with the one key that the firmware knows.
secure_boot()
{
	local folder=$work/secure keys=$work/keys flash='-drive if=pflash,format=raw,file='
	"$lab/tools.sh" ovmf sbsigntool efitools
	attempt secured "$1" "$folder" "$keys" >"$work/log" 2>&1
	((attempted == 0)) || { cat "$work/log"; return 1; }
	LAB_IMAGE=$keys/image LAB_QEMU="-machine q35,smm=on -global driver=cfi.pflash01,property=secure,value=on
		${flash}/usr/share/OVMF/OVMF_CODE_4M.secboot.fd,readonly=on $flash$keys/vars.fd" \
		"$lab/boot.sh" -l "$top/build/$1.secureboot.log" -t "$2" "$1" "$folder" "$top/scripts/test/secureboot.guest"
}

# Ctrl-C, which reaches all that timeout(1) started as it reaches all that a terminal did.
lab_ends()
{
	local said pid tenths
	mkdir "$work/tmp"
	mkfifo "$work/said"
	echo 'echo up; sleep 100' >"$work/guest"
	TMPDIR=$work/tmp timeout 200 "$lab/boot.sh" -v -t 100 uml "$work/uml" "$work/guest" >"$work/said" &
	pid=$!
	exec {said}<"$work/said"
	read -r -u "$said"
	kill -INT "$pid"
	for ((tenths = 0; tenths < 100; tenths++)); do
		kill -0 "$pid" 2>/dev/null || grep -qas "initrd=$work/tmp" /proc/[0-9]*/cmdline || break
		sleep 0.1
	done
	[[ ! $(ls -A "$work/tmp") ]] && ((tenths < 100))
}

# typesafe LAB 0|1 STATUS WORDS: the suite with kmobj told to wipe what is free, with the flag and without.
typesafe()
{
	local log=$top/build/$1.typesafe-$2.log got=0
	LAB_APPEND="kunit.filter_glob=kmobj_typesafe init_on_alloc=1 init_on_free=1 typesafe=$2" \
		"$lab/boot.sh" -l "$log" -t 120 "$1" "$work/$1" "$top/scripts/test/typesafe.guest" \
		2>"$work/typesafe" || got=$?
	if [[ $got != "$3" ]] || ! grep -q "$4" "$log"; then
		cat "$work/typesafe"
		return 1
	fi
}

build()
{
	local folder
	folder=$("$lab/build.sh" "$1" 2>"$work/log") || { tail -n 40 "$work/log" >&2; return 1; }
	mkdir -p "$work/$1"
	find "$folder" -name '*.ko' -exec cp -t "$work/$1" {} +
	(lab_define "$1" && CC=$lab_cc "$top/scripts/kmobjfs-test/build.sh" "$work/$1")
}

# What the instructions of a few rows of the benchmark may not exceed.
gate()
{
	"$top/scripts/bench/gate.sh" >"$work/gate" || true
	grep -v '^ok ' "$work/gate" || true
	tally "$work/gate"
}

# What port.sh makes of planted modules.
ports()
{
	"$top/scripts/port/test.sh" debian >"$work/ports" || true
	sed '$d' "$work/ports"
	tally "$work/ports"
}

# torture LAB SECONDS: everything at once, for a short time.
torture()
{
	TORTURE_SECONDS=$2 "$top/scripts/torture.sh" "$1" >"$work/torture" || true
	sed '$d' "$work/torture"
	tally "$work/torture"
}

# Not a lab: installs, for the kernels of several.
packages()
{
	"$top/scripts/test/packages.sh" >"$work/packages" || true
	sed '$d' "$work/packages"
	tally "$work/packages"
}

# Not a lab: Debian's kernels, but that of lab debian.
kernels()
{
	"$top/scripts/test/kernels.sh" >"$work/kernels" || true
	sed '$d' "$work/kernels"
	tally "$work/kernels"
}

one_alone='isolcpus=domain,managed_irq,3 nohz_full=3'
two_nodes="-object memory-backend-ram,id=m0,size=1G -numa node,nodeid=0,cpus=0-1,memdev=m0
	   -object memory-backend-ram,id=m1,size=1G -numa node,nodeid=1,cpus=2-3,memdev=m1"
# The last has no CPU.
four_nodes="-object memory-backend-ram,id=m0,size=512M -numa node,nodeid=0,cpus=0,memdev=m0
	    -object memory-backend-ram,id=m1,size=512M -numa node,nodeid=1,cpus=1,memdev=m1
	    -object memory-backend-ram,id=m2,size=512M -numa node,nodeid=2,cpus=2-3,memdev=m2
	    -object memory-backend-ram,id=m3,size=512M -numa node,nodeid=3,memdev=m3"

# Much of the suites is waiting for grace periods; with a period of 10 ms between looks at who is in
# the way each takes 40 ms.
hurried='rcutree.jiffies_till_first_fqs=0 rcutree.jiffies_till_next_fqs=1'

# on_cpus LAB CPUS SECONDS: the suites and a short torture on so many; those of uml may be more than
# the machine has.
on_cpus()
{
	say "$1 with $2 CPUs:"
	LAB_CPUS=$2 LAB_APPEND=$hurried kunit "$1" "$3"
	LAB_CPUS=$2 torture "$1" 10
}

# preempted LAB: what makes a kernel of Debian preempt tasks in the kernel, which it does for
# who asks; with PREEMPT_RT it does so always. The guest's init sees that it is so.
preempted() { [[ $1 = *-rt ]] || echo preempt=full; }

run_lab()
{
	local name=$1 before=${failed:?}
	check "$name: kernel and modules" build "$name"
	((failed == before)) || return 0
	case $name in
	uml)
		LAB_APPEND="$hurried ${LAB_APPEND:-}" kunit uml 600
		tools uml 60
		[[ ! $short ]] || return 0
		reload uml 1000 300 >"$work/reloaded" 2>&1 &
		local reloading=$! reloaded=0
		kmobjfs uml 200
		namecache uml 60
		wiped uml 60
		wait "$reloading" || reloaded=$?
		check "uml: kmobj.ko comes and goes 1,000 times, nothing leaks" test "$reloaded" = 0
		cat "$work/reloaded"
		check "uml: a zone left behind by its client is named, and left alone" \
			"$lab/boot.sh" -t 60 uml "$work/uml" "$top/scripts/test/left.guest"
		check "uml: parameters hold from when they are written, others are refused" \
			"$lab/boot.sh" -t 300 uml "$work/uml" "$top/scripts/test/tunables.guest"
		check "uml: make load and make unload, and the commands of INSTALL.md" loads
		check "uml: debugfs lets in the group of debugfs_gid, and nobody else" \
			"$lab/boot.sh" -t 60 uml "$work/uml" "$top/scripts/test/group.guest"
		check "uml: TYPESAFE_BY_RCU, in a kernel that wipes memory" \
			typesafe uml 1 0 ' ok 1 kmobj_typesafe'
		check "uml: without it a lockless reader crashes" \
			typesafe uml 0 99 'Kernel panic'
		check "uml: one suite, by the commands of CONTRIBUTING.md" "$top/scripts/test/documents.sh" suite
		check "uml: what CONTRIBUTING.md breaks fails the case that it names" \
			"$top/scripts/test/documents.sh" break
		torture uml 20
		on_cpus uml 1 600
		on_cpus uml 16 600
		check "uml: what goes wrong in the lab is seen" lab_fails
		check "uml: of what is printed in a hurry no line is lost" lab_floods
		check "uml: who interrupts the lab leaves nothing behind" lab_ends
		check "what came in part, or found no room, is not taken for a kernel" "$top/scripts/test/cache.sh"
		check "without root, network or room, one line says what to do" "$top/scripts/test/refused.sh"
		;;
	uml-preempt)
		LAB_APPEND=$hurried kunit uml-preempt 600
		check "uml-preempt: /proc/allocinfo has each zone's slabs, and who created it" \
			"$lab/boot.sh" -t 60 uml-preempt "$work/uml-preempt" "$top/scripts/test/allocinfo.guest"
		kmobjfs uml-preempt 200
		torture uml-preempt 20
		;;
	uml-small)
		LAB_CPUS=1 LAB_APPEND=$hurried kunit uml-small 600
		LAB_CPUS=1 torture uml-small 10
		;;
	x86-cfi)
		LAB_APPEND=$hurried kunit x86-cfi 900
		torture x86-cfi 20
		;;
	arm64-4k)
		oopses arm64-4k 120
		LAB_CPUS=4 torture arm64-4k 60
		;;
	uml-kasan)
		LAB_APPEND=$hurried kunit uml-kasan 600
		kmobjfs uml-kasan 300
		# KASAN keeps what was freed: up to 1/32 of memory, of which there is little here,
		# and 1 MB for each CPU, which is the noise.  What is asked is that kmemleak and
		# KASAN say nothing; small leaks of pages are found in uml.
		export LAB_MEM=256M
		check "uml-kasan: kmobj.ko comes and goes 100 times, nothing leaks" \
			reload uml-kasan 100 200 32768 40960
		unset LAB_MEM
		reports uml-kasan 200
		;;
	x86-debug)
		# kmemleak looks on in uml-kasan and in reports: it takes 0.2 ms an object here.
		export LAB_CPUS=4 LAB_QEMU=$two_nodes LAB_APPEND=kmemleak=off
		kunit x86-debug 900 --no-skips
		kmobjfs x86-debug 900 --no-skips
		unset LAB_CPUS LAB_QEMU
		trace x86-debug 300
		torture x86-debug 20
		unset LAB_APPEND
		reports x86-debug 300
		nodes x86-debug 600 --no-skips
		;;
	debian*)
		check "$name: the demo's steps on a small tree, where tasks are preempted" \
			env DEMO_LAB="$name" DEMO_TREE=/usr/include/linux LAB_APPEND="$(preempted "$name")" \
			"$top/scripts/demo.sh"
		[[ $name != debian ]] || gate
		check "$name: minix on kmobj, on a disk" "$top/scripts/port/try.sh" "$name" minix
		[[ ! $short ]] || return 0
		[[ $name != debian ]] || ports
		check "$name: f2fs on kmobj, on a disk" "$top/scripts/port/try.sh" "$name" f2fs
		trace "$name" 120
		check "$name: with Secure Boot signed modules are loaded, others refused; statistics can be read" \
			secure_boot "$name" 400
		watched "$name" 400
		[[ $name != debian ]] || dumped debian 200
		[[ $name != debian ]] || oopses debian 120
		machine "$name" 600
		LAB_APPEND=$(preempted "$name") torture "$name" 20
		;;
	*)
		kunit "$name" 900
		kmobjfs "$name" 600
		;;
	esac
}

# apart NAME...: each in a process of its own, two at a time, for half of what they do is waiting. None begins
# when TEST_SECONDS are over.
apart()
{
	local name
	local -A running=()
	for name; do
		((${#running[@]} < 2)) || apart_end
		((SECONDS <= ${TEST_SECONDS:-SECONDS})) || {
			skipped=$((skipped + 1))
			echo "skipped: $name, for more than $TEST_SECONDS s are over"
			continue
		}
		say "$name: begins"
		# its whole group is ended with it
		timeout 2h "$top/scripts/test.sh" "$name" >"$work/$name.apart" 2>&1 &
		running[$!]=$name
	done
	while ((${#running[@]})); do apart_end; done
}

# What one has said is said when it has ended.
apart_end()
{
	local pid log
	wait -n -p pid "${!running[@]}" || true
	log=$work/${running[$pid]}.apart
	unset "running[$pid]"
	cat "$log"
	tally "$log"
}

short=''
case ${1:-} in
'')
	set -- uml debian
	short=yes
	;;
all)
	"$lab/tools.sh"
	apart uml x86-debug debian uml-kasan uml-preempt uml-small kernels packages
	total
	exit
	;;
esac
# If nothing can be had, that is said once.
case $1 in
kernels | packages) "$lab/tools.sh" ;;
*) "$lab/kernel.sh" "$1" >/dev/null ;;
esac
for name; do
	case $name in
	kernels | packages) "$name" ;;
	*) run_lab "$name" ;;
	esac
done

total
