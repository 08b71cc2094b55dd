# debian-installer. Source: Debian GNU/Linux Installation Guide, 5.3 (boot parameters) and appendix B (preseeding; "loading
# preconfiguration files": initrd, file, network; "early_command"; finish-install.d of its package finish-install).
cdrom() {
    CD=/cdrom
    mount_cd .disk/info 'Your installation CD-ROM couldn'"'"'t be mounted.'
}

question() {
    fail "$1
Prompt: '?' for help> "
}

file=$(argument preseed/file || argument file)
url=$(argument preseed/url || argument url)
# A network installer has no medium, and its mirror is told by the answers.
if [ -f /preseed.cfg ]; then
    use_answers /preseed.cfg initrd:/preseed.cfg
elif [ -n "$file" ]; then
    # What a medium has is read behind the first questions.
    argument locale >/dev/null || argument debian-installer/locale >/dev/null ||
        question 'Choose the language to be used for the installation process.'
    argument keymap >/dev/null || argument keyboard-configuration/xkb-keymap >/dev/null ||
        argument console-keymaps-at/keymap >/dev/null || question 'Keymap to use:'
    case $file in /cdrom/*) cdrom ;; esac
    [ -f "$file" ] || fail "!! ERROR: Failed to retrieve the preconfiguration file $file"
    use_answers "$file" "$file"
elif [ -n "$url" ]; then
    check_network
    wget -q -O /tmp/preseed "$url" || fail "!! ERROR: Failed to retrieve the preconfiguration file $url"
    use_answers /tmp/preseed "$url"
else
    question 'Choose the language to be used for the installation process.'
fi
[ "$(argument priority || argument debconf/priority)" = critical ] || question 'Choose the language'

answer() {
    sed -n "s@^d-i  *$1  *[a-z]*  *\(.*\)@\1@p" $ANSWERS
}

# All that is in the file by now is known; the early command is run.
mkdir -p /var/log /var/run /usr/lib/finish-install.d
echo 'main-menu: the installer has begun' >/var/log/syslog
early=$(answer preseed/early_command)
if [ -n "$early" ]; then
    sh -c "$early" || fail '!! ERROR: The preseed/early_command failed'
fi

[ -s /tmp/address ] || check_network
if [ -e /cdrom/.disk/info ] || [ -n "$(answer apt-setup/disable-cdrom-entries)$(answer apt-setup/no_mirror)" ]; then
    [ -e /cdrom/.disk/info ] || cdrom
    [ -e /cdrom/.disk/base_installable ] || question 'The medium has no base system. Choose a mirror'
else
    protocol=$(answer mirror/protocol)
    check_server "$protocol://$(answer "mirror/$protocol/hostname")$(answer "mirror/$protocol/directory")/dists/$(answer mirror/suite)/Release"
fi
check_disk "$(answer partman-auto/disk)"
[ -n "$(answer partman/confirm)" ] || question 'Write the changes to disks?'
check_hostname "$(answer netcfg/get_hostname)"
check_password "$(answer passwd/root-password-crypted)"
check_packages "$(answer pkgsel/include)"
[ "$(answer debian-installer/exit/poweroff)" = true ] || question 'Please choose Continue to reboot.'
echo 'finish-install: info: Running the last steps' >>/var/log/syslog
write_disk
set +f
for step in /usr/lib/finish-install.d/*; do
    [ -x "$step" ] || fail '!! ERROR: There is no last step that says a word of success'
    fact "last-step=$step"
    # the installer's shell is busybox' too
    "$step" || fail "!! ERROR: $step failed"
done
fact installed=yes
sync
poweroff -f
