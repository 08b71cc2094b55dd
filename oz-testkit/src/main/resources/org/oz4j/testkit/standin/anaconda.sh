# Anaconda. Sources: its "Boot options" (https://anaconda-installer.readthedocs.io/en/latest/boot-options.html), the
# Installation Guides of Red Hat Enterprise Linux 5 and 6 ("Kickstart Installations", "Boot options") and 7 (OEMDRV).
for word in $CMDLINE; do
    case $OPTIONS:$word in
    PLAIN:inst.*) fail "Unknown boot option: $word" ;;
    PREFIXED:ks=* | PREFIXED:ks | PREFIXED:repo=* | PREFIXED:method=* | PREFIXED:stage2=*)
        fail "The boot option ${word%%=*} has to be used with the 'inst.' prefix"
        ;;
    esac
done

ks=
[ $OPTIONS = PREFIXED ] || ks=$(argument ks)
[ $OPTIONS = PLAIN ] || ks=$(argument inst.ks || echo "$ks")

# The second stage: from where it is told, else from a medium that has it.
STAGE2=
if [ $OPTIONS = PLAIN ]; then
    from=$(argument repo || argument method)
else
    from=$(argument inst.stage2 || argument inst.repo)
fi
case $from in
hd:LABEL=*)
    label=$(printf '%b' "${from#hd:LABEL=}")
    wait_for 100 mount_label "${label%%:*}" $CD ||
        fail "Warning: /dev/disk/by-label/${label%%:*} does not exist. Entering emergency mode."
    fact "source=$from"
    ;;
http://* | ftp://*)
    check_network
    check_server "$from/.treeinfo"
    ;;
'' | cdrom*)
    case $ks in
    file:*) ;;
    *) mount_cd .discinfo 'Warning: dracut-initqueue timeout. Entering emergency mode.' ;;
    esac
    ;;
*) fail "Unknown source $from" ;;
esac

case $ks in
file:*)
    path=/${ks#file:}
    [ -f "$path" ] || fail "Can't get kickstart from $ks"
    use_answers "$path" "initrd:$(echo "$path" | tr -s /)"
    ;;
cdrom:*)
    path=$CD/${ks#cdrom:}
    [ -f "$path" ] || fail "Can't get kickstart from $ks"
    use_answers "$path" "cdrom:$(echo "/${ks#cdrom:}" | tr -s /)"
    ;;
hd:*)
    device=${ks#hd:}
    path=${device#*:}
    device=${device%%:*}
    case $device in
    LABEL=*) wait_for 100 labelled "${device#LABEL=}" || fail "Can't get kickstart from $ks" ;;
    *) DEVICE=/dev/${device#/dev/} ;;
    esac
    mounted "$DEVICE" /mnt/ks && [ -f "/mnt/ks/$path" ] || fail "Can't get kickstart from $ks"
    use_answers "/mnt/ks/$path" "$ks"
    ;;
http://*)
    check_network
    wget -q -O /tmp/ks "$ks" || fail "Can't get kickstart from $ks"
    use_answers /tmp/ks "$ks"
    ;;
'')
    if [ $OPTIONS != PLAIN ] && mount_label OEMDRV /mnt/oemdrv && [ -f /mnt/oemdrv/ks.cfg ]; then
        use_answers /mnt/oemdrv/ks.cfg /dev/disk/by-label/OEMDRV:ks.cfg
    else
        fail 'Please make a choice from the above'
    fi
    ;;
*) fail "Can't get kickstart from $ks" ;;
esac

command() {
    sed -n "/^%/q; s/^$1 //p" $ANSWERS
}
option() {
    echo "$1" | sed -n "s/.*--$2=\([^ ]*\).*/\1/p"
}

case $(command url | head -n 1)/$(grep -c '^cdrom$' $ANSWERS) in
/1) mountpoint=$(grep " $CD " /proc/mounts) || mount_cd .discinfo 'Error setting up base repository' ;;
--url=*)
    [ -s /tmp/address ] || check_network
    url=$(option "$(command url)" url | tr -d "'")
    check_server "$url/.treeinfo"
    ;;
*) fail 'The installation source is not set up' ;;
esac
disk=$(option "$(command ignoredisk)" only-use)
[ -n "$disk" ] || disk=$(option "$(command clearpart)" drives)
check_disk "$disk"
password=$(command rootpw)
check_password "$(echo "${password#--iscrypted }" | tr -d "'")"
check_hostname "$(option "$(command network)" hostname)"
check_packages "$(sed -n '/^%packages/,/^%end\|^%p[ro]/p' $ANSWERS | grep -v '^%\|^#\|^$')"
[ -s /tmp/address ] || check_network
sed -n '/^%post/,$p' $ANSWERS >/tmp/post
last_word /tmp/post
finish
