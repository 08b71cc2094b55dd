' ${title}, written by Oz for Java: says that the install went well, and powers off.
Set shell = CreateObject("WScript.Shell")
<#if domain?has_content>
shell.RegWrite "HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\NV Domain", "${domain}", "REG_SZ"
</#if>
shell.Run "%COMSPEC% /c (echo ${token})>COM2", 0, True
Set systems = GetObject("winmgmts:{impersonationLevel=impersonate,(Shutdown)}!\\.\root\cimv2").InstancesOf("Win32_OperatingSystem")
For Each system In systems
    system.Win32Shutdown 12
Next
