#!/bin/bash
# ${title}, written by Oz for Java. It holds a password hash: keep it to yourself.
exec </dev/null >/dev/ttyS0 2>&1
trap 'oz_status=$?
if test $oz_status = 0; then
    printf "\n%s\n" ${token} >/dev/ttyS1
else
    echo "oz: ERROR: the install ended with status $oz_status"
    cat /var/log/archinstall/install.log >/dev/ttyS1
fi
systemctl poweroff' EXIT
set -e

oz_root=/mnt/archinstall
oz_mark() {
    echo "oz: $*"
}

oz_mark partitions
<#-- archinstall takes for the boot partition what has the flag, by BIOS the root -->
if test -d /sys/firmware/efi; then
    printf '%s\n' 'label: gpt' 'size=1GiB, type=uefi' 'type=linux' | sfdisk --wipe always ${disk}
    udevadm settle
    mkfs.fat -F 32 ${disk}1
    mkfs.ext4 -F ${disk}2
    mount --mkdir ${disk}2 $oz_root
    mount --mkdir ${disk}1 $oz_root/boot
else
    printf '%s\n' 'label: dos' 'type=linux, bootable' | sfdisk --wipe always ${disk}
    udevadm settle
    mkfs.ext4 -F ${disk}1
    mount --mkdir ${disk}1 $oz_root
fi

oz_mark base system
mount --mkdir -o ro /dev/disk/by-label/cidata /run/oz
archinstall --config /run/oz/archinstall.json --silent

oz_mark settings
arch-chroot $oz_root usermod -p ${sh(password)} root
arch-chroot $oz_root systemctl enable sshd.service
arch-chroot $oz_root sed -i 's/^GRUB_CMDLINE_LINUX_DEFAULT=.*/GRUB_CMDLINE_LINUX_DEFAULT="console=tty0 console=ttyS0,115200"/' /etc/default/grub
arch-chroot $oz_root grub-mkconfig -o /boot/grub/grub.cfg
<#macro keys owner home keys>
<#if keys?has_content>
mkdir -p $oz_root${sh(home + "/.ssh")}
<#list keys as key>
echo ${sh(key)} >>$oz_root${sh(home + "/.ssh/authorized_keys")}
</#list>
chmod 700 $oz_root${sh(home + "/.ssh")}
chmod 600 $oz_root${sh(home + "/.ssh/authorized_keys")}
arch-chroot $oz_root chown -R ${sh(owner + ":")} ${sh(home + "/.ssh")}
</#if>
</#macro>
<@keys "root", "/root", rootkeys/>
<#list users as user>
<#list user.groups as group>
arch-chroot $oz_root groupadd -f ${sh(group)}
</#list>
arch-chroot $oz_root useradd -m -s /bin/bash -c ${sh(user.full)}<#if user.groups?has_content> -G ${sh(user.groups?join(","))}</#if><#if user.password?has_content> -p ${sh(user.password)}</#if> ${sh(user.name)}
<@keys user.name, "/home/" + user.name, user.keys/>
</#list>
umount -R $oz_root
