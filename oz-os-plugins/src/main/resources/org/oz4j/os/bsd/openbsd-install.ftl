# ${title}, written by Oz for Java, for the shell of the installer's RAM disk.
cd /
fail() {
    echo "oz: the installation failed: $*"
    while :; do sleep 60; done
}
rm -f /tmp/ai/ai.done
/install -af /oz/install.conf </dev/null
# the installer's exit status tells nothing
test -e /tmp/ai/ai.done || fail "the installer did not come to its end"
cp /oz/setup /mnt/tmp/oz-setup || fail "the new system can't be written to"
chroot /mnt /bin/sh -e /tmp/oz-setup || fail "the new system can't be set up"
rm /mnt/tmp/oz-setup
sync
{ echo; echo ${token}; } >/mnt/dev/cua01 || fail "nobody hears of it"
reboot
