# linuxrc and YaST. Sources: SDB:Linuxrc (en.opensuse.org), the AutoYaST Guide, "Passing the control file location"; "file:"
# is a file of linuxrc's own system, and YaST looks for it on the medium too.
source=$(argument install || argument Install)
case $source in
http://* | ftp://*)
    check_network
    check_server "${source%/}/media.1/products"
    fetched=/tmp/fetched
    ;;
'' | cd:* | dvd:*) mount_cd media.1/products 'Automatic setup not possible: No repository found.' ;;
*) fail "No repository found at $source" ;;
esac

ay=$(argument autoyast || argument AutoYaST || argument autoyast2)
case $ay in
file:*)
    path=/$(echo "${ay#file:}" | sed 's@^/*@@')
    if [ -f "$path" ]; then
        use_answers "$path" "initrd:$path"
    elif [ -f "$CD$path" ]; then
        use_answers "$CD$path" "cdrom:$path"
    else
        fail "Automatic setup not possible: there is no $ay"
    fi
    ;;
relurl://*)
    path=${ay#relurl://}
    if [ -z "$source" ]; then
        [ -f "$CD/$path" ] || fail "Automatic setup not possible: there is no $ay"
        use_answers "$CD/$path" "cdrom:/$path"
    else
        wget -q -O /tmp/profile "${source%/}/$path" || fail "Automatic setup not possible: there is no $ay"
        use_answers /tmp/profile "$ay"
    fi
    ;;
label://* | device://*)
    path=${ay#*://}
    case $ay in
    label:*) labelled "${path%%/*}" || fail "Automatic setup not possible: there is no $ay" ;;
    *) DEVICE=/dev/${path%%/*} ;;
    esac
    mounted "$DEVICE" /mnt/ay && [ -f "/mnt/ay/${path#*/}" ] || fail "Automatic setup not possible: there is no $ay"
    use_answers "/mnt/ay/${path#*/}" "$ay"
    ;;
http://*)
    [ -s /tmp/address ] || check_network
    wget -q -O /tmp/profile "$ay" || fail "Automatic setup not possible: there is no $ay"
    use_answers /tmp/profile "$ay"
    ;;
'')
    if mount_label OEMDRV /mnt/oemdrv && [ -f /mnt/oemdrv/autoinst.xml ]; then
        use_answers /mnt/oemdrv/autoinst.xml /dev/disk/by-label/OEMDRV:autoinst.xml
    else
        fail 'Language, Keyboard and License Agreement: I agree to the license terms'
    fi
    ;;
*) fail "Automatic setup not possible: unknown $ay" ;;
esac

unescaped() {
    sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&apos;/'"'"'/g; s/&#39;/'"'"'/g; s/&#xD;//g; s/&amp;/\&/g'
}
element() {
    sed -n "s@.*<$1[^>]*>\(.*\)</$1>.*@\1@p" $ANSWERS | unescaped
}

[ "$(element confirm)" = false ] || fail 'Confirm Installation'
[ -s /tmp/address ] || check_network
check_disk "$(element device | grep '^/dev/' | head -n 1)"
check_hostname "$(element hostname)"
check_password "$(element user_password | head -n 1)"
check_packages "$(element package)"
unescaped <$ANSWERS >/tmp/script
last_word /tmp/script
finish
