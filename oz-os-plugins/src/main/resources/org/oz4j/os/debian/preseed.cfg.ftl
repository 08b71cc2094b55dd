# ${title}, written by Oz for Java. It holds a password hash: keep it to yourself.

# Language and keyboard
${locale}
d-i keyboard-configuration/xkb-keymap select ${keyboard}
d-i console-setup/ask_detect boolean false

# Network
d-i netcfg/choose_interface select auto
d-i netcfg/get_hostname string ${hostname}
d-i netcfg/hostname string ${hostname}
d-i netcfg/get_domain string${domain}
d-i hw-detect/load_firmware boolean false
d-i hw-detect/firmware-lookup string never

# Mirror
d-i mirror/country string manual
d-i mirror/protocol string ${protocol}
d-i mirror/${protocol}/hostname string ${mirrorhost}
d-i mirror/${protocol}/directory string ${mirrordirectory}
d-i mirror/${protocol}/proxy string${proxy}
d-i mirror/suite string ${suite}

# Time
d-i clock-setup/utc boolean true
d-i clock-setup/ntp boolean false
d-i time/zone string ${timezone}

# Disk: ${disk}
d-i partman-auto/disk string /dev/${device}
d-i partman-auto/method string regular
${recipe}
d-i partman-partitioning/confirm_write_new_label boolean true
d-i partman/choose_partition select finish
d-i partman/confirm boolean true
d-i partman/confirm_nooverwrite boolean true

# Accounts
d-i passwd/root-login boolean true
d-i passwd/root-password-crypted password ${password}
d-i passwd/make-user boolean false

# Software: the base system and a way in
d-i base-installer/install-recommends boolean false
d-i apt-setup/cdrom/set-first boolean false
d-i apt-setup/services-select multiselect ${services}
d-i apt-setup/enable-source-repositories boolean false
d-i pkgsel/include string openssh-server
d-i pkgsel/upgrade select ${upgrade}
d-i pkgsel/update-policy select none
tasksel tasksel/first multiselect
popularity-contest popularity-contest/participate boolean false

# Boot loader, and consoles on screen and serial line: installed over a serial line, GRUB talks there
d-i debian-installer/add-kernel-opts string console=tty0 console=ttyS0,115200
d-i grub-installer/only_debian boolean true
d-i grub-installer/with_other_os boolean true
d-i grub-installer/bootdev string /dev/${device}
${efi}
# The installer's log goes to the second serial port from the beginning, and the token at the end. The installer runs its
# finish-install.d in the order of names, as it finds them before the first is run, so ours must be there early; 95umount
# has let go of the disk by then, so the token means that all went well. No backslash in the command: debconf would make
# a line break of \n, and fail.
d-i preseed/early_command string tail -f /var/log/syslog >/dev/ttyS1 2>&1 3>&- & echo $! >/var/run/oz-log; mkdir -p /usr/lib/finish-install.d; echo '#!/bin/sh' >/usr/lib/finish-install.d/96oz-success; echo 'kill $(cat /var/run/oz-log); (echo; echo ${token}) >/dev/ttyS1' >>/usr/lib/finish-install.d/96oz-success; chmod 755 /usr/lib/finish-install.d/96oz-success
d-i finish-install/reboot_in_progress note
d-i cdrom-detect/eject boolean false
d-i debian-installer/exit/poweroff boolean true
${late}