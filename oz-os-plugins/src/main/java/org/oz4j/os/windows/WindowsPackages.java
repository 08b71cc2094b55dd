package org.oz4j.os.windows;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.oz4j.Icicle;
import org.oz4j.Problem;
import org.oz4j.TemplateException;
import org.oz4j.spi.PackageField;
import org.oz4j.spi.PackageManager;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

/**
 * What Windows tells of what is installed; it installs no packages, since no release has a package manager that works on
 * each of its editions.
 *
 * <p>Sources: Microsoft, "Uninstall Registry Key", "Get-WindowsOptionalFeature", "Win32_QuickFixEngineering class".
 */
final class WindowsPackages implements PackageManager {
    private static final List<PackageField> FIELDS = List.of(
            PackageField.NAME, PackageField.VERSION, PackageField.ARCH, PackageField.VENDOR, PackageField.INSTALLED);

    /**
     * Prints the system itself, its programs, its features that are on, and its updates, as lines of fields with tabs
     * between. A day of installing is noon of it, by universal time.
     */
    private static final String LIST =
            """
            $out=New-Object IO.StreamWriter([Console]::OpenStandardOutput(),(New-Object Text.UTF8Encoding $false))
            $any=[Globalization.CultureInfo]::InvariantCulture
            $bits=@{$true='x86_64';$false='i386'}[[Environment]::Is64BitOperatingSystem]
            function Tell($name,$version,$arch,$vendor,$day){
            $time=''
            try{$noon=[DateTime]::ParseExact("$day",'yyyyMMdd',$any).AddHours(12)
            $time=[long]($noon-[DateTime]'1970-01-01').TotalSeconds}catch{}
            $out.Write(((@($name,$version,$arch,$vendor,$time)|ForEach-Object {"$_" -replace '\\s+',' '}) -join "`t")+"`n")}
            $os=Get-ItemProperty 'HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion'
            $build="$([Environment]::OSVersion.Version.ToString(3)).$($os.UBR)"
            Tell $os.ProductName $build $bits 'Microsoft' ''
            foreach($key in 'SOFTWARE','SOFTWARE\\WOW6432Node'){
            $arch=@{$true='i386';$false=$bits}[$key -ne 'SOFTWARE']
            Get-ChildItem "HKLM:\\$key\\Microsoft\\Windows\\CurrentVersion\\Uninstall" -ErrorAction SilentlyContinue|
            ForEach-Object {$name=$_.GetValue('DisplayName')
            if($name){Tell $name $_.GetValue('DisplayVersion') $arch $_.GetValue('Publisher') $_.GetValue('InstallDate')}}}
            Get-WindowsOptionalFeature -Online|Where-Object {$_.State -eq 'Enabled'}|Sort-Object FeatureName|
            ForEach-Object {Tell $_.FeatureName $build $bits 'Microsoft' ''}
            Get-HotFix|Sort-Object HotFixID|ForEach-Object {
            $day=try{$_.InstalledOn.ToString('yyyyMMdd',$any)}catch{}
            Tell $_.HotFixID '' $bits 'Microsoft' $day}
            $out.Flush()""";

    @Override
    public String name() {
        return "windows";
    }

    @Override
    public Map<String, String> repositoryFiles(Repository repository) {
        throw refused("repository " + repository.name());
    }

    @Override
    public List<List<String>> refresh() {
        return List.of();
    }

    @Override
    public List<List<String>> install(List<PackageRequest> packages) {
        throw refused(
                packages.isEmpty() ? "packages" : "package " + packages.get(0).name());
    }

    private static TemplateException refused(String what) {
        return new TemplateException(List.of(new Problem(
                what,
                0,
                0,
                "Windows has no package manager that Oz knows; put the installer in by <files> and have it run by"
                        + " <commands>")));
    }

    @Override
    public List<String> list() {
        return List.of("Invoke-Expression", LIST);
    }

    @Override
    public Optional<Icicle.Item> item(String line) {
        return PackageField.read(FIELDS, line);
    }
}
