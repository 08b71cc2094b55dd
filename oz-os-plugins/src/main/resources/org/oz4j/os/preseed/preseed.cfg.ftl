# ${title}, written by Oz for Java. It holds a password hash: keep it to yourself.

# Language and keyboard
${locale}
<#if oldKeymaps>
d-i console-keymaps-at/keymap select us
d-i console-setup/layoutcode string us
<#else>
d-i keyboard-configuration/xkb-keymap select ${keyboard}
<#if ubuntu>
d-i keyboard-configuration/layoutcode string ${keyboard}
</#if>
</#if>
d-i console-setup/ask_detect boolean false

# Network
d-i netcfg/choose_interface select auto
d-i netcfg/get_hostname string ${hostname}
d-i netcfg/hostname string ${hostname}
d-i netcfg/get_domain string${domain}
d-i hw-detect/load_firmware boolean false
d-i hw-detect/firmware-lookup string never

# Mirror
d-i mirror/country string ${manual}
d-i mirror/protocol string ${protocol}
d-i mirror/${protocol}/hostname string ${mirrorhost}
d-i mirror/${protocol}/directory string ${mirrordirectory}
d-i mirror/${protocol}/proxy string${proxy}
d-i mirror/suite string ${suite}
<#if expired>
# The keys that sign this old release are out of date, so the installer would take none of its packages.
d-i debian-installer/allow_unauthenticated boolean true
</#if>

# Time
d-i clock-setup/utc boolean true
d-i clock-setup/ntp boolean false
d-i time/zone string ${timezone}
<#if secondStage>
base-config tzconfig/gmt boolean true
base-config tzconfig/preseed_zone string ${timezone}
</#if>

# Disk: ${use}
d-i partman-auto/disk string ${disk}
d-i partman-auto/method string regular
${recipe}
d-i partman-partitioning/confirm_write_new_label boolean true
<#if longNames>
d-i partman/confirm_write_new_label boolean true
d-i partman/choose_partition select Finish partitioning and write changes to disk
<#else>
d-i partman/choose_partition select finish
</#if>
d-i partman/confirm boolean true
d-i partman/confirm_nooverwrite boolean true

# Accounts
d-i passwd/root-login boolean true
d-i passwd/root-password-crypted password ${password}
d-i passwd/make-user boolean false
<#if ubuntu>
d-i user-setup/encrypt-home boolean false
</#if>

# Software: the base system and a way in
d-i base-installer/install-recommends boolean false
d-i apt-setup/cdrom/set-first boolean false
<#if disc>
d-i apt-setup/cdrom/set-next boolean false
d-i apt-setup/cdrom/set-failed boolean false
<#if offline>
# All that is needed is on the disc.
d-i apt-setup/use_mirror boolean false
d-i apt-setup/no_mirror boolean true
<#else>
d-i apt-setup/use_mirror boolean true
d-i apt-setup/disable-cdrom-entries boolean true
</#if>
</#if>
d-i apt-setup/services-select multiselect ${services}
<#if securityHost??>
d-i apt-setup/security_host string${securityHost}
d-i apt-setup/security_path string /ubuntu
</#if>
d-i apt-setup/enable-source-repositories boolean false
d-i pkgsel/include string openssh-server
<#if pattern>
d-i pkgsel/install-pattern string ~n^openssh-server$
</#if>
<#if ubuntu>
d-i pkgsel/language-packs multiselect
d-i pkgsel/install-language-support boolean false
</#if>
d-i pkgsel/upgrade select ${upgrade}
d-i pkgsel/update-policy select none
tasksel tasksel/first multiselect
popularity-contest popularity-contest/participate boolean false

# Boot loader, and consoles on screen and serial line: installed over a serial line, GRUB talks there
d-i debian-installer/add-kernel-opts string console=tty0 console=${console}
d-i grub-installer/only_debian boolean true
d-i grub-installer/with_other_os boolean true
d-i grub-installer/bootdev string ${bootDevice}
${efi}
<#if secondStage>
# The first stage ends with a reboot. The second one says the token where it has installed a way in.
d-i preseed/early_command string tail -f /var/log/syslog >/dev/${log} 2>&1 3>&- &
d-i prebaseconfig/reboot_in_progress note
base-config base-config/intro note
base-config base-config/login note
base-config apt-setup/uri_type select http
base-config apt-setup/country select enter information manually
base-config apt-setup/hostname string ${mirrorhost}
base-config apt-setup/directory string ${mirrordirectory}
base-config apt-setup/security-updates boolean false
base-config apt-setup/another boolean false
base-config base-config/package-selection string ~n^openssh-server$
base-config base-config/late_command string test -x /usr/sbin/sshd && (echo; echo ${token}) >/dev/${log}; sync; poweroff
<#else>
# The installer's log goes to a second port, if the machine has one, from the beginning, and the token at the end. The
# installer runs its finish-install.d in the order of names, as it finds them before the first is run, so ours must be
# there early; 95umount has let go of the disk by then, so the token means that all went well. No backslash in the
# command: debconf would make a line break of \n, and fail.
d-i preseed/early_command string tail -f /var/log/syslog >/dev/${log} 2>&1 3>&- & echo $! >/var/run/oz-log; mkdir -p ${hooks}; echo '#!/bin/sh' >${hooks}/96oz-success; echo 'kill $(cat /var/run/oz-log); (echo; echo ${token}) >/dev/${log}${after}' >>${hooks}/96oz-success; chmod 755 ${hooks}/96oz-success
d-i ${rebootQuestion} note
d-i cdrom-detect/eject boolean false
d-i debian-installer/exit/poweroff boolean true
</#if>
${late}