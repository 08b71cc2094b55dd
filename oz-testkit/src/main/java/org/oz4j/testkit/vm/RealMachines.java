package org.oz4j.testkit.vm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.oz4j.GuestOptions;
import org.oz4j.HostSetupException;
import org.oz4j.HypervisorException;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.TimeSource;
import org.oz4j.config.OzConfig;
import org.oz4j.host.WorkFolder;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.libvirt.LibvirtHypervisor;
import org.oz4j.template.Template;
import org.oz4j.testkit.tiny.TinyLinux;

/**
 * What a test with {@link OzVm} works with: a folder of its own, and an Oz on this host's libvirt (a daemon, or the embedded
 * driver) that keeps all its files there. It is a parameter of the test and of its {@code @BeforeEach} and {@code @AfterEach} methods.
 */
public final class RealMachines {
    private final WorkFolder work;
    private final TinyLinux tiny;
    private @Nullable Oz oz;

    RealMachines(WorkFolder work, TinyLinux tiny) {
        this.work = work;
        this.tiny = tiny;
    }

    /** Why this host can't run machines, for people; empty where it can. What libvirt needs for that goes below the folder. */
    static Optional<String> missing(Path folder) throws InterruptedException {
        try (Hypervisor hypervisor = LibvirtHypervisor.open(OzConfig.defaults(folder), TimeSource.system())) {
            hypervisor.host();
            return Optional.empty();
        } catch (HypervisorException | HostSetupException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Where all files of this test are; deleted at its end. */
    public Path folder() {
        return work.path();
    }

    /** What {@link #oz} is configured with; all its folders are in {@link #folder}. */
    public OzConfig config() {
        return OzConfig.builder(folder())
                .dataDir(folder().resolve("data"))
                .outputDir(folder().resolve("images"))
                .evidenceDir(evidence())
                .build();
    }

    /** Oz with the plugins of the class path, opened when it is first asked for and closed at the end of the test. */
    public synchronized Oz oz() {
        if (oz == null) {
            oz = Oz.builder().config(config()).build();
        }
        return oz;
    }

    /**
     * A template of the tiny Linux, whose medium is built once for all tests of the JVM; installed in about 15 s without KVM.
     *
     * @param name of the guest
     */
    public Template tinyLinux(String name) throws InterruptedException {
        return Template.parse(TinyLinux.template(name, tiny.buildIso(folder().resolve("tiny.iso"))));
    }

    /** Installs, and keeps the evidence for the case that the test fails later. */
    public InstalledImage install(Template template) throws InterruptedException {
        return oz().guest(template, GuestOptions.defaults().withKeepEvidence(true))
                .installer()
                .install();
    }

    Path evidence() {
        return folder().resolve("evidence");
    }

    synchronized void close() throws IOException {
        try (work) {
            if (oz != null) {
                oz.close();
            }
        }
    }
}
