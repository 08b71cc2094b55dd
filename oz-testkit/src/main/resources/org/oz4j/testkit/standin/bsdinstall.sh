# FreeBSD's installer, whose root is the medium. Sources: bsdinstall(8), "SCRIPTING"; rc.local of its media, which looks for
# /etc/installerconfig; loader.conf(5): loader.conf.local is read behind loader.conf.
mount_cd boot/loader.conf 'Mounting from cd9660 failed with error 19'
use_answers_of=$CD/etc/installerconfig
[ -f "$use_answers_of" ] || fail 'Welcome to FreeBSD! Would you like to begin an installation or use the live CD?'
use_answers "$use_answers_of" /etc/installerconfig
grep -hq '^boot_multicons="YES"' $CD/boot/loader.conf $CD/boot/loader.conf.local 2>/dev/null && fact console=serial
disk=$(sed -n 's/^PARTITIONS="\{0,1\}\([a-z0-9]*\) .*/\1/p' $ANSWERS)
case $disk in
vtbd0) disk=vda ;;
ada0 | da0) disk=sda ;;
*) fail "There is no disk $disk" ;;
esac
check_disk $disk
for set in $(sed -n 's/^DISTRIBUTIONS="\(.*\)"$/\1/p' $ANSWERS); do
    [ -f "$CD/usr/freebsd-dist/$set" ] || fail "Error: the distribution set $set is not on the medium. Select a mirror"
done
check_network
sed -n '/^#!\/bin\/sh/,$p' $ANSWERS >/tmp/setup
check_hostname "$(sed -n "s/^sysrc hostname='\?\([^']*\)'\?\$/\1/p" /tmp/setup)"
check_password "$(sed -n "s/^echo '\(.*\)' | pw usermod root -H 0/\1/p" /tmp/setup)"
check_packages "$(sed -n 's/^DISTRIBUTIONS="\(.*\)"$/\1/p' $ANSWERS)"
sed 's@>$oz_port@>/dev/cuau1@' $ANSWERS >/tmp/all
last_word /tmp/all
finish
