# Setup of Windows 2000, XP and 2003. Source: Microsoft, deploy.chm, "Using a CD boot": winnt.sif on the floppy.
mount_cd WIN51 'Setup cannot find the end user licensing agreement'
wait_for 100 mounted /dev/fd0 /mnt/a || fail 'Welcome to Setup. To set up Windows now, press ENTER'
set +f
for name in /mnt/a/[Ww][Ii][Nn][Nn][Tt].[Ss][Ii][Ff]; do
    [ -f "$name" ] || fail 'Welcome to Setup. To set up Windows now, press ENTER'
    tr -d '\r' <"$name" >/tmp/sif
    use_answers "$name" "A:$(basename "$name" | tr A-Z a-z)"
done
set -f
value() {
    sed -n "s/^$1=\"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" /tmp/sif
}
[ "$(value UnattendMode)" = FullUnattended ] || fail 'Press F8 to agree'
[ "$(value MsDosInitiated)" = 0 ] || fail 'Setup was not started from DOS'
for device in hda sda; do [ ! -b /dev/$device ] || break; done
check_disk $device
check_hostname "$(value ComputerName)"
check_password "$(value AdminPassword)"
check_network
last=$(value Command0 | sed 's/.*[Aa]:\\//')
set +f
found=
for name in /mnt/a/*; do
    [ "$(basename "$name" | tr A-Z a-z)" != "$(echo "$last" | tr A-Z a-z)" ] || found=$name
done
set -f
[ -n "$found" ] || fail "The last command is not on the floppy: $last"
last_word "$found"
finish
