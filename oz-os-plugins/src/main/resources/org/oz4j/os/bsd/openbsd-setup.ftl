# What a response file of ${title} can't say, for the new system's own shell.
echo ${sh(hostname)} >/etc/myname
<#list users as user>
<#list user.groups as group>
grep -q ${sh("^" + group + ":")} /etc/group || groupadd ${sh(group)}
</#list>
useradd -m -s /bin/ksh -c ${sh(user.full)}<#if user.groups?has_content> -G ${sh(user.groups?join(","))}</#if><#if user.password?has_content> -p ${sh(user.password)}</#if> ${sh(user.name)}
<@keys user.name, "/home/" + user.name, user.keys/>
</#list>
<@keys "root", "/root", rootkeys/>
<#macro keys owner home keys>
<#if keys?has_content>
mkdir -p ${sh(home + "/.ssh")}
<#list keys as key>
echo ${sh(key)} >>${sh(home + "/.ssh/authorized_keys")}
</#list>
chmod 700 ${sh(home + "/.ssh")}
chmod 600 ${sh(home + "/.ssh/authorized_keys")}
chown -R ${sh(owner)} ${sh(home + "/.ssh")}
</#if>
</#macro>
