# DrakX. Sources: mdk-stage1/doc/TECH-INFOS of its source (automatic=), and perl-install/install/install2.pm (auto_install and
# kickstart mean the same); a relative file is looked for on the medium, an absolute one in the installer's own system, which
# has the medium of Mageia at /tmp/media.
tree_found() {
    for found in x86_64/isolinux i586/isolinux isolinux syslinux; do
        cd_with $found && return 0
    done
    return 1
}

automatic=$(argument automatic)
case ,$automatic, in
*,method:cdrom,*)
    wait_for 100 tree_found || fail 'I can'"'"'t access the CDROM'
    tree=$CD
    case $found in */*) tree=$CD/${found%/*} ;; esac
    if [ -n "$MEDIA" ]; then
        mkdir -p /tmp/media
        mount -o bind $CD /tmp/media
    fi
    ;;
*,method:http,*)
    check_network
    words=$(echo "$automatic" | tr , '\n')
    server=$(echo "$words" | sed -n 's/^server://p')
    folder=$(echo "$words" | sed -n 's/^directory://p')
    check_server "http://$server$folder/VERSION"
    tree=/nowhere
    ;;
*) fail 'Please choose the installation method' ;;
esac
file=$(argument auto_install || argument kickstart)
case $file in
'') fail 'Please choose a language to use' ;;
/*) path=$file ;;
*) path=$tree/$file ;;
esac
[ -f "$path" ] || fail "Error reading file $file"
use_answers "$path" "$file"

value() {
    sed -n "s/.*'$1' => '\([^']*\)'.*/\1/p" $ANSWERS | head -n 1
}
[ -s /tmp/address ] || check_network
# It takes the first disk.
set +f
for device in vda hda sda; do [ ! -b /dev/$device ] || break; done
set -f
check_disk $device
password=$(sed -n "s/.*'superuser' => {[^}]*'pw' => '\([^']*\)'.*/\1/p; s/.*'superuser' => {[^}]*'password' => '\([^']*\)'.*/\1/p" $ANSWERS)
check_password "$password"
check_packages "$(sed -n "/'default_packages' => \[/,/\]/s/^ *'\([^']*\)',/\1/p" $ANSWERS)"
# Perl's single quotes know two escapes.
sed -n "/'postInstall' => '/,/^};/p" $ANSWERS | sed "s/^ *'postInstall' => '//; s/\\\\\\\\/\\\\/g; s/\\\\'/'/g" >/tmp/script
check_hostname "$(sed -n "s/.*HOSTNAME=\([^' ]*\).*/\1/p" /tmp/script | tail -n 1)"
if grep -q '^mknod ' /tmp/script; then
    sed -n '/^mknod /p' /tmp/script >/tmp/node
    sh -e /tmp/node || fail 'The port is no device'
    last_word /tmp/script
fi
finish
