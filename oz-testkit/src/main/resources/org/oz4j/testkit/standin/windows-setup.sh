# Windows Setup. Source: Microsoft, "Windows Setup Automation Overview", "Implicit Answer File Search Order": removable
# read/write media in the order of their letters, then removable read-only media, then the folder sources of the medium.
mount_cd sources/boot.wim 'Windows failed to start.'
set +f
for device in /dev/fd0 /dev/sr*; do
    [ -b "$device" ] || continue
    mounted "$device" /mnt/drive || continue
    for name in /mnt/drive/[Aa][Uu][Tt][Oo][Uu][Nn][Aa][Tt][Tt][Ee][Nn][Dd].[Xx][Mm][Ll]; do
        if [ -f "$name" ]; then
            use_answers "$name" "${device#/dev/}:$(basename "$name")"
            break 2
        fi
    done
    umount /mnt/drive
done
set -f
[ -s $ANSWERS ] || fail 'Windows Setup: Language to install'

# By passes and components, values are in elements of their own.
tr -d '\r\n' <$ANSWERS | sed 's/>  *</></g; s/></>\n</g' >/tmp/elements
element() {
    sed -n "s@^<$1>\(.*\)</$1>\$@\1@p" /tmp/elements | sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&amp;/\&/g'
}
[ "$(element AcceptEula)" = true ] || fail 'Please read the license terms'
# Disk 0 is the first that the firmware has.
[ "$(element DiskID | head -n 1)" = 0 ] || fail 'Where do you want to install Windows?'
for device in vda sda; do [ ! -b /dev/$device ] || break; done
check_disk $device
type=$(element Type | head -n 1)
if [ -d /sys/firmware/efi ]; then
    [ "$type" = EFI ] || fail 'Windows cannot be installed to this disk. The selected disk is not of the GPT partition style.'
else
    [ "$type" != EFI ] || fail 'Windows cannot be installed to this disk. The selected disk is of the GPT partition style.'
fi
check_hostname "$(element ComputerName)"
# It is hidden with the name of its setting behind it, in UTF-16.
hidden=$(sed -n '/<AdministratorPassword>/,/<\/AdministratorPassword>/p' /tmp/elements | sed -n 's@^<Value>\(.*\)</Value>@\1@p' | base64 -d | tr -d '\000')
case $hidden in ?*AdministratorPassword) check_password "${hidden%AdministratorPassword}" ;; *) fail 'There is no password' ;; esac
check_network
element CommandLine >/tmp/commands
last_word /tmp/commands
grep -q 'shutdown.exe /s' /tmp/commands || fail 'Nothing powers the machine off'
finish
