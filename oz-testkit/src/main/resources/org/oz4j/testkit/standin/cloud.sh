# A live CD whose init of clouds runs a script of a volume cidata. Sources: cloud-init's "NoCloud" and "User-Data Script";
# Tiny Cloud's README ("user-data", nocloud); archiso's profile releng; release notes of Alpine 3.18.
mount_label cidata /mnt/cidata || mount_label CIDATA /mnt/cidata || fail 'localhost login: '
[ -e /mnt/cidata/meta-data ] || fail "$CLOUD: the volume has no meta-data"
[ -e /mnt/cidata/user-data ] || fail "$CLOUD: the volume has no user-data"
use_answers /mnt/cidata/user-data /dev/disk/by-label/cidata:user-data
head -n 1 $ANSWERS | grep -q '^#!/bin/' || fail "$CLOUD: the user-data is no script"
sh -n $ANSWERS 2>/dev/null || fail "$CLOUD: the script is wrong"
mkdir -p /run/oz
mount -o bind /mnt/cidata /run/oz
setting=$(sed -n "s@^ *$COMMAND .*--config \([^ ]*\).*@\1@p; s@^ *$COMMAND .*-f \([^ ]*\).*@\1@p" $ANSWERS)
case $setting in
'') fail "$COMMAND is not started" ;;
/tmp/*) sed -n "/^cat >[^ ]* <<'oz-end'/,/^oz-end/p" $ANSWERS >/tmp/setting ;;
*)
    [ -f "$setting" ] || fail "$COMMAND: there is no $setting"
    cp "$setting" /tmp/setting
    ;;
esac
check_network
check_disk "$(grep -o '/dev/[hsv]da' $ANSWERS | head -n 1)"
check_hostname "$(sed -n "s/^HOSTNAMEOPTS='\?\([^']*\)'\?\$/\1/p; s/.*\"hostname\": \"\([^\"]*\)\".*/\1/p" /tmp/setting)"
check_password "$(sed -n "s/.*'\?root:\(\$[^' ]*\).*/\1/p; s/.*usermod -p '\?\(\$[^' ]*\).*/\1/p" $ANSWERS | head -n 1)"
check_packages "$(sed -n 's/^SSHDOPTS=//p; s/.*"packages": \[\(.*\)\].*/\1/p' /tmp/setting | tr -d '",')"
last_word $ANSWERS
finish
