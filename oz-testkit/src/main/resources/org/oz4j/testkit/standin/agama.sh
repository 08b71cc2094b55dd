# Agama on its live medium. Sources: agama-project.github.io, "Boot options" (inst.auto, inst.finish); agama-autoinstall, which
# looks at label://OEMDRV and file:/// without one; dracut's dmsquash-live, whose medium is at /run/initramfs/live; systemd's
# units of the initial ramdisk, which are stopped before the live system takes its place. Both have the same /run.
CD=/run/initramfs/live
mount_cd LiveOS/squashfs.img 'Warning: /dev/disk/by-label/Install does not exist. Entering emergency mode.'
set +f
for drop in /etc/systemd/system/initrd-cleanup.service.d/*.conf; do
    [ -f "$drop" ] || continue
    sed -n 's/^ExecStartPre=//p' "$drop" | sed 's@/usr/bin/@@' >/tmp/before
    sh -e /tmp/before || fail 'initrd-cleanup.service failed. Entering emergency mode.'
done
set -f
# The live system has another root.
rm -f /autoinst.*

ay=$(argument inst.auto || argument agama.auto)
case $ay in
file://*)
    path=${ay#file://}
    [ -f "$path" ] || fail "agama-autoinstall: Could not retrieve the file $ay"
    use_answers "$path" "$path"
    ;;
label://*)
    path=${ay#label://}
    mount_label "${path%%/*}" /mnt/auto && [ -f "/mnt/auto/${path#*/}" ] || fail "agama-autoinstall: Could not retrieve $ay"
    use_answers "/mnt/auto/${path#*/}" "$ay"
    ;;
http://*)
    check_network
    wget -q -O /tmp/profile "$ay" || fail "agama-autoinstall: Could not retrieve $ay"
    use_answers /tmp/profile "$ay"
    ;;
'')
    if mount_label OEMDRV /mnt/oemdrv && [ -f /mnt/oemdrv/autoinst.json ]; then
        use_answers /mnt/oemdrv/autoinst.json /dev/disk/by-label/OEMDRV:autoinst.json
    else
        fail 'Agama: connect to the web interface at https://agama.local'
    fi
    ;;
*) fail "agama-autoinstall: Unknown URL $ay" ;;
esac
case $(argument inst.finish) in '' | poweroff | reboot | halt | stop) ;; *) fail 'Unknown inst.finish' ;; esac

member() {
    sed -n "s@.*\"$1\": *\"\(.*\)\".*@\1@p" $ANSWERS
}
[ -s /tmp/address ] || check_network
check_disk "$(member search | without_escapes | grep '^/dev/')"
check_hostname "$(member static)"
check_password "$(sed -n '/"root": {/,/}/p' $ANSWERS | sed -n 's/.*"password": "\([^"]*\)".*/\1/p')"
check_packages "$(sed -n 's/.*"packages": \[\(.*\)\].*/\1/p' $ANSWERS | tr -d '",')"
member content | without_escapes >/tmp/script
last_word /tmp/script
finish
