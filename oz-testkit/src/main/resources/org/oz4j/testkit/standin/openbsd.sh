# OpenBSD's installer, on the serial console alone. Sources: dot.profile and install.sub in distrib/miniroot, whose questions
# these are; boot.conf(8); mount_cd9660(8). What its RAM disk has and busybox has not, or otherwise, are functions here, so what
# is typed and the script that it starts run in this shell.
WORDS='terminal type|system hostname|dns domain name|password for root|start sshd(8) by default'
WORDS="$WORDS|do you expect to run the x window system|do you want the x window system to be started by xenodm(1)"
WORDS="$WORDS|change the default console to com0|which speed should com0 use|setup a user|allow root ssh login"
WORDS="$WORDS|what timezone are you in|which disk is the root disk|location of sets|pathname to the sets|set name(s)"
WORDS="$WORDS|directory does not contain sha256.sig. continue without verification"

mount_cd "$VERSION/amd64/bsd.rd"
grep -q "^set image /$VERSION/amd64/bsd.rd\$" $CD/etc/boot.conf || fail 'boot> '
grep -q '^set tty com0$' $CD/etc/boot.conf || fail 'The console is not on the serial port'
fact console=serial
ln -s "$(sed -n "s@^\(/dev/[^ ]*\) $CD .*@\1@p" /proc/mounts)" /dev/cd0a
umount $CD

# The whole of what /install -af does; its exit status tells nothing.
install() {
    while IFS= read -r line; do
        case $line in '' | '#'*) continue ;; esac
        question=$(echo "${line%%=*}" | tr A-Z a-z | sed 's/ *$//')
        case "|$WORDS|" in
        *"|$question|"*) ;;
        *) fail "The installer has no such question: $question" ;;
        esac
    done <$ANSWERS
    [ "$(answer 'Location of sets')" = cd0 ] || fail 'Location of sets? (cd0 disk http nfs or '"'done'"') [http] '
    mounted /dev/cd0a /sets
    [ -f "/sets/$(answer 'Pathname to the sets')/base${VERSION%.*}${VERSION#*.}.tgz" ] || fail 'There are no sets'
    umount /sets
    case $(answer 'Which disk is the root disk') in
    sd0) [ -b /dev/sda ] && check_disk sda || check_disk vda ;;
    wd0) check_disk hda ;;
    *) fail 'Available disks are: sd0.' ;;
    esac
    check_hostname "$(answer 'System hostname')"
    answer 'Password for root' | grep -Eq '^[$]2b[$][0-9]{2}[$][./A-Za-z0-9]{53}$' ||
        fail 'The password is no hash of bcrypt'
    fact root-password=hash
    check_packages "$(answer 'Set name(s)')"
    check_network
    write_disk
    mkdir -p /mnt/dev /mnt/tmp /mnt/etc /tmp/ai
    ln -s /dev/ttyS1 /mnt/dev/cua01
    echo 'CONGRATULATIONS! Your OpenBSD install has been successfully completed!'
    touch /tmp/ai/ai.done
}

answer() {
    sed -n "s/^$1 = //p" $ANSWERS
}

sh() {
    case "$PWD $*" in
    '/dev MAKEDEV cd0') ;;
    *) . "$1" ;;
    esac
}

mount() {
    [ "$1 $2 $3" = '-t cd9660 -r' ] && command mount -t iso9660 -o ro "$4" "$5"
}

chroot() {
    [ "$*" = '/mnt /bin/sh -e /tmp/oz-setup' ] && command sh -n /mnt/tmp/oz-setup
}

reboot() {
    fact installed=yes
    sync
    command reboot -f
}

mkdir -p /mnt2
{
    echo '#!/bin/sh'
    cat /standin/settings /standin/lib.sh
    echo "WORDS='$WORDS'"
    sed -n '/^install() {$/,/^}$/p; /^answer() {$/,/^}$/p' /standin/installer
    cat <<'end'
set -f
[ "$1" = -af ] && [ -f "$2" ] || { echo 'usage: install [-ax] [-f filename]'; exit 1; }
[ ! -t 0 ] || fail 'The installer would read from the console'
umount /mnt2 || fail 'The CD is busy'
use_answers "$2" "$2"
install
end
} >/install
chmod 755 /install

echo "Welcome to the OpenBSD/amd64 $VERSION installation program."
reply=
until [ "$reply" = s ]; do
    printf '(I)nstall, (U)pgrade, (A)utoinstall or (S)hell? '
    read -r reply
done
fact "prompt=shell"
while :; do
    printf '# '
    read -r reply
    fact "command=$reply"
    set +f
    eval "$reply"
done
