# ${title}, written by Oz for Java. It holds a password hash: keep it to yourself.
System hostname = ${hostname}
<#if domain?has_content>
DNS domain name = ${domain}
</#if>
Password for root = ${password}
Start sshd(8) by default = yes
Do you expect to run the X Window System = no
Do you want the X Window System to be started by xenodm(1) = no
Change the default console to com0 = yes
Which speed should com0 use = 115200
Setup a user = no
Allow root ssh login = ${rootkeys?has_content?then("prohibit-password", "no")}
What timezone are you in = ${timezone}
Which disk is the root disk = ${disk}
Location of sets = cd0
Pathname to the sets = ${sets}
Directory does not contain SHA256.sig. Continue without verification = yes
Set name(s) = -game* -x*
