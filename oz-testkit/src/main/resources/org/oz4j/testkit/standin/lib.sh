# What all stand-ins share. A fact is a line of its own on the first serial port, whatever the console is; what the vendor's
# installer would show goes to the console.
FACTS=/dev/ttyS0
CD=/medium
ANSWERS=/tmp/answers

say() {
    echo "$*"
}

fact() {
    printf '\nstandin: %s\n' "$*" >$FACTS
}

# Says it over and over, as an installer that waits for somebody; then gives up, as nobody comes.
fail() {
    fact "failed=$*"
    for time in 1 2 3 4 5 6; do
        say "$*"
        sleep 5
    done
    poweroff -f
}

begin() {
    mkdir -p /tmp $CD /mnt
    set -f
    CMDLINE=$(cat /proc/cmdline)
    fact "installer=$INSTALLER"
    fact "cmdline=$CMDLINE"
    if [ -d /sys/firmware/efi ]; then fact firmware=UEFI; else fact firmware=BIOS; fi
    old_disks
}

# The value of the last argument of that name on the kernel's command line.
argument() {
    value=
    for word in $CMDLINE; do
        case $word in "$1="*) value=${word#*=} ;; esac
    done
    [ -n "$value" ] && echo "$value"
}

has_word() {
    for word in $CMDLINE; do
        [ "$word" != "$1" ] || return 0
    done
    return 1
}

# Takes the escapes of JSON, and of YAML in double quotes, out of its input.
without_escapes() {
    mark=$(printf '\001')
    sed -e "s/\\\\\\\\/$mark/g" -e 's/\\n/\n/g; s/\\"/"/g; s@\\/@/@g; s/\\u003[eE]/>/g; s/\\u0027/'"'"'/g' -e "s/$mark/\\\\/g"
}

# Waits for what a command wants, up to a number of tenths of a second.
wait_for() {
    left=$1
    shift
    until "$@"; do
        left=$((left - 1))
        [ $left -gt 0 ] || return 1
        usleep 100000
    done
}

# Before libata, disks on parallel ATA had names of their own.
old_disks() {
    [ -n "${OLD_DISKS:-}" ] || return 0
    for letter in a b; do
        device=$(readlink -f /sys/block/sd$letter/device 2>/dev/null) || continue
        case $device in */ata*) mknod /dev/hd$letter b $(tr : ' ' </sys/block/sd$letter/dev) ;; esac
    done
}

# Finds the volume of that label. Busybox' findfs takes no notice of CDs of less than 68 KiB.
labelled() {
    set +f
    for DEVICE in /dev/sr*; do
        if [ -b "$DEVICE" ] && [ "$(dd if="$DEVICE" bs=8 skip=4101 count=4 2>/dev/null | sed 's/ *$//')" = "$1" ]; then
            set -f
            return 0
        fi
    done
    set -f
    DEVICE=$(findfs "LABEL=$1" 2>/dev/null) && [ -n "$DEVICE" ]
}

mounted() {
    mkdir -p "$2"
    mount -o ro -t iso9660 "$1" "$2" 2>/dev/null || mount -o ro -t vfat "$1" "$2" 2>/dev/null
}

# Mounts the volume of that label.
mount_label() {
    labelled "$1" && mounted "$DEVICE" "$2"
}

cd_with() {
    set +f
    for device in /dev/sr*; do
        if [ -b "$device" ] && mounted "$device" $CD; then
            if [ -e "$CD/$1" ]; then
                set -f
                return 0
            fi
            umount $CD
        fi
    done
    set -f
    return 1
}

# Mounts the CD that has that file, at $CD.
mount_cd() {
    wait_for 100 cd_with "$1" || fail "${2:-No medium was found that has $1}"
}

# Takes that file for the answers, which came by that place.
use_answers() {
    cp "$1" $ANSWERS
    [ -s $ANSWERS ] || fail "The answer file $2 is empty"
    fact "answer-file=$2"
    fact "answer-sha256=$(sha256sum $ANSWERS | cut -d ' ' -f 1)"
}

check_disk() {
    [ -b "/dev/${1#/dev/}" ] || fail "There is no disk ${1:-without a name}"
    DISK=/dev/${1#/dev/}
    fact "disk=$DISK"
}

check_password() {
    case $1 in
    '') fail 'There is no password for root' ;;
    '$'[156]'$'*) fact root-password=hash ;;
    *) fact root-password=clear ;;
    esac
}

check_hostname() {
    [ -n "$1" ] || fail 'There is no host name'
    fact "hostname=$1"
}

check_packages() {
    [ -n "$1" ] || fail 'There are no packages'
    fact "packages=$(echo $1)"
}

# The first card gets an address.
check_network() {
    [ -d /sys/class/net/eth0 ] || fail 'No network card was found'
    ifconfig lo up
    ifconfig eth0 up
    udhcpc -q -n -t 10 -T 1 -i eth0 -s /standin/lease >/dev/null 2>&1 || fail 'The network card gets no address'
    fact "network=$(basename "$(readlink /sys/class/net/eth0/device/driver)") $(cat /tmp/address)"
}

# That file of a server is there.
check_server() {
    wget -q -O /tmp/fetched "$1" || fail "$1 can't be fetched"
    fact "source=$1"
}

# Finds the token and the port in the last command of a script that has them.
last_word() {
    found=$(sed -n -E "s@.*(printf ['\"][^'\"]*['\"] |echo )'?([A-Za-z0-9]{16,})'?[^>]*> ?(/[-A-Za-z0-9/._]+|COM2).*@\2 \3@p" "$1" | tail -n 1)
    TOKEN=${found% *}
    PORT=${found#* }
    [ -n "$TOKEN" ] || fail 'The answers end without a word of success'
}

# What an image check wants: boot code, a partition, a file system.
write_disk() {
    printf 'o\nn\np\n1\n2048\n+16M\na\n1\nw\n' | fdisk -u $DISK >/tmp/fdisk 2>&1
    printf '\353\376' | dd of=$DISK conv=notrunc 2>/dev/null
    set -- "${DISK}1"
    case $DISK in /dev/hd*) set -- "/dev/sd${DISK#/dev/hd}1" ;; esac
    wait_for 50 [ -b "$1" ] || fail "Partitioning $DISK made no $1"
    mke2fs "$1" >/tmp/mke2fs 2>&1 || fail "$1 takes no file system"
    sync
}

# Says the token at that port, and powers off.
finish() {
    write_disk
    case ${PORT:-none} in
    COM2 | /dev/cuau1) PORT=/dev/ttyS1 ;;
    esac
    if [ -n "${TOKEN:-}" ]; then
        [ -c "$PORT" ] || fail "There is no port $PORT"
        printf '\n%s\n' "$TOKEN" >"$PORT"
        fact "port=$PORT"
    fi
    fact installed=yes
    sync
    poweroff -f
}
