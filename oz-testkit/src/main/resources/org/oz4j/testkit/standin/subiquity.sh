# Subiquity on a live medium. Sources: its "Providing autoinstall configuration" and "Zero-touch deployment with autoinstall"
# (canonical-subiquity.readthedocs-hosted.com), cloud-init's NoCloud.
mount_cd casper/vmlinuz 'Unable to find a medium containing a live file system'
mkdir -p /cdrom
mount -o bind $CD /cdrom

seed=
case $CMDLINE in *'ds=nocloud;s=/'* | *'ds=nocloud;seedfrom=/'*)
    seed=$(argument ds | sed 's/.*;s\(eedfrom\)\?=//')
    where=$seed
    ;;
esac
if [ -n "$seed" ]; then
    :
elif mount_label cidata /mnt/cidata || mount_label CIDATA /mnt/cidata; then
    seed=/mnt/cidata/
    where=/dev/disk/by-label/cidata:
fi
if [ -n "$seed" ] && [ -e "$seed/user-data" ]; then
    [ -e "$seed/meta-data" ] || fail 'cloud-init: NoCloud has no meta-data, so its user-data is not used'
    use_answers "$seed/user-data" "${where}user-data"
    head -n 1 $ANSWERS | grep -q '^#cloud-config' || fail 'cloud-init: Unhandled non-multipart user-data'
    grep -q '^autoinstall:' $ANSWERS || fail 'Malformed autoinstall in the user-data'
elif [ -e /cdrom/autoinstall.yaml ]; then
    use_answers /cdrom/autoinstall.yaml /cdrom/autoinstall.yaml
else
    fail 'Choose your language: '
fi
has_word autoinstall || fail 'Continue with autoinstall? (yes|no)'
sed -n 's/^  version: //p' $ANSWERS | grep -qx 1 || fail 'Malformed autoinstall: it has no version'

check_network
check_disk "$(sed -n 's/^ *path: "\(.*\)"$/\1/p; s/^ *- {.*type: "\?disk.*path: "\([^"]*\)".*/\1/p' $ANSWERS | head -n 1)"
sed -n 's/^    - "\(.*\)"$/\1/p' $ANSWERS | without_escapes >/tmp/late
check_hostname "$(sed -n "s@^echo '\?\([^']*[^' ]\)'\? >/target/etc/hostname\$@\1@p" /tmp/late)"
check_password "$(sed -n "s@^echo 'root:\(.*\)' | chroot .*@\1@p" /tmp/late)"
grep -q '^    install-server: true' $ANSWERS || fail 'There is no ssh server'
check_packages openssh-server
last_word /tmp/late
[ "$(sed -n 's/^  shutdown: //p' $ANSWERS)" = poweroff ] || fail 'Install complete! Please remove the installation medium, then press ENTER'
finish
