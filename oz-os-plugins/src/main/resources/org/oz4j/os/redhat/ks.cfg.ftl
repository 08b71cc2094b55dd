<#--
  A kickstart file for every Anaconda there was. "level" is the Fedora whose commands it knows; what came before Fedora has
  0 and less (see Anaconda.java). Sources: pykickstart's documentation of commands and sections, with the versions that they
  came and went in; for what is older, the kickstart chapters of the Customization Guides of Red Hat Linux 7.0 to 9 and of
  Red Hat Enterprise Linux 2.1 and 3. There, a section ends where the next one begins; %end came with Fedora 8.
-->
<#macro end>
<#if level gte 8>
%end

</#if>
</#macro>
# ${title}, written by Oz for Java. It holds ${secret}: keep it to yourself.

# How: unattended, and off at the end
<#if level lt 28>
install
</#if>
${(level gte 17)?then("cmdline", "text")}
${(level gte 3)?then("poweroff", "reboot")}
<#if level gte 3>
firstboot --disable
</#if>
<#if key??>
key ${key}
</#if>

# From where
<#if url??>
url --url=${sh(url)}<#if proxy??> --proxy=${sh(proxy)}</#if>
<#else>
cdrom
</#if>

# Language, keyboard, time
lang ${lang}
<#if level gte -2 && level lt 5>
langsupport --default=${lang} ${lang}
</#if>
<#if level gte 18>
keyboard --xlayouts=${sh(keyboard)}
<#else>
keyboard ${sh(keyboard)}
</#if>
<#if level lt 3>
mouse genericps/2
</#if>
<#if level lt 18>
skipx
</#if>
timezone --utc ${timezone}

# Network
<#if level gte 17>
network --bootproto=dhcp --device=link --activate --onboot=yes --hostname=${hostname}
<#elseif level gte 3>
network --bootproto=dhcp --device=eth0 --onboot=yes --hostname=${hostname}
<#elseif level gte 0>
network --bootproto=dhcp --device=eth0 --hostname=${hostname}
<#else>
network --bootproto=dhcp
</#if>
<#if level gte 10>
firewall --enabled --service=ssh
<#elseif level gte 1>
firewall --enabled --ssh
<#elseif level gte -2>
firewall --medium --dhcp --ssh
</#if>

# Accounts
<#if level lt 8>
auth ${(level gte 1)?then("--enableshadow", "--useshadow")} ${sha512?then("--passalgo=sha512", "--enablemd5")}
<#elseif level lt 28>
auth --enableshadow --passalgo=sha512
</#if>
<#if sha512>
rootpw --iscrypted ${sh(password)}
<#else>
# This system checks no hash of the kind that Oz has, so the password stands here as it is.
rootpw ${password}
</#if>
<#if level gte 3>
selinux --enforcing
</#if>
<#if level gte 7>
services --enabled=sshd
</#if>

# Disk
<#if level gte 8>
ignoredisk --only-use=${disk}
</#if>
${(level gte 9)?then("zerombr", "zerombr yes")}
${(level gte 0)?then("clearpart --all --initlabel --drives=" + disk, "clearpart --all")}
<#list partitions as line>
${line}
</#list>
<#if level gte -1>
bootloader --location=mbr<#if console??> --append="console=tty0 console=${console}"</#if>
<#else>
lilo --location=mbr
</#if>

# Software: the base system and a way in
<#if level gte 6>
%packages<#if level lt 18> --nobase</#if>
@core
<#else>
%packages<#if level gte -2 && level lt 3> --resolvedeps</#if>
</#if>
openssh-server
<#if level gte 0 && level lt 18>
dhclient
</#if>
<#if level gte 6 && level lt 18>
yum
</#if>
<#if langpack??>
${langpack}
</#if>
<@end/>
<#if level gte 17 && serial>
# The installer's log goes to the second serial port from the beginning.
%pre
tail -q -n +1 -F /tmp/anaconda.log /tmp/storage.log /tmp/packaging.log /tmp/program.log >/dev/ttyS1 2>/dev/null </dev/null &
<@end/>
</#if>
# In the new system: what no command does, and at last the word that all went well. All stops where something fails.
%post<#if level gte 7> --erroronfail</#if>
set -e
<#if locale??>
echo ${sh("LANG=" + locale)} >${(level gte 18)?then("/etc/locale.conf", "/etc/sysconfig/i18n")}
</#if>
<#if level gte 3 && level lt 17>
# Another machine's card is eth0 too.
if test -e /etc/sysconfig/network-scripts/ifcfg-eth0; then sed -i /^HWADDR=/d /etc/sysconfig/network-scripts/ifcfg-eth0; fi
rm -f /etc/udev/rules.d/70-persistent-net.rules
</#if>
<#list accounts as account>
<#if account.name != "root">
<#list account.groups as group>
grep -q ${sh("^" + group + ":")} /etc/group || groupadd ${group}
</#list>
useradd -m<#if account.fullName??> -c ${sh(account.fullName)}</#if><#if account.groups?has_content> -G ${account.groups?join(",")}</#if><#if account.hash??> -p ${sh(account.hash)}</#if> ${account.name}
<#if account.clear??>
printf '%s\n' ${sh(account.clear)} | passwd --stdin ${account.name}
</#if>
</#if>
<#if account.keys?has_content>
mkdir -p ${account.home}/.ssh
printf '%s\n'<#list account.keys as line> ${sh(line)}</#list> >>${account.home}/.ssh/authorized_keys
chmod 700 ${account.home}/.ssh
chmod 600 ${account.home}/.ssh/authorized_keys
chown -R ${account.name}: ${account.home}/.ssh
<#if level gte 3>
restorecon -R ${account.home}/.ssh || true
</#if>
</#if>
</#list>
<#if port??>
<#if serial && level lt 17>
test -e ${port} || mknod ${port} c 4 65
</#if>
# in one piece, as the installer may be writing there too
printf '\n%s\n' ${token} | cat >${port}
</#if>
<@end/>
