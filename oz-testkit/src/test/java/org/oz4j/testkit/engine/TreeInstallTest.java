package org.oz4j.testkit.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.Arch;
import org.oz4j.MediaException;
import org.oz4j.Oz;
import org.oz4j.Provenance;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.MachineSpec.Boot;
import org.oz4j.icicle.ProvenanceFile;
import org.oz4j.spi.MediaRecipe.BootFile;
import org.oz4j.spi.MediaRecipe.DirectKernel;
import org.oz4j.template.Template;
import org.oz4j.template.Template.OwnAnswers;
import org.oz4j.template.TemplateBuilder;
import org.oz4j.testkit.FakeGuestContext;
import org.oz4j.testkit.FakeMirror;
import org.oz4j.testkit.GuestScript;
import org.oz4j.testkit.engine.Bench.Variant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** Installs from a tree of files on a server. */
class TreeInstallTest {
    private static final byte[] KERNEL = {1, 2, 3, 4};
    private static final byte[] INITRD = "070701".getBytes(StandardCharsets.US_ASCII);
    private static final String TREEINFO = "[general]\nfamily = ScriptedOS\n";

    @TempDir
    Path folder;

    private final FakeMirror mirror = FakeMirror.start()
            .file("/os/boot/kernel", KERNEL)
            .file("/os/boot/initrd", INITRD)
            .file("/os/.treeinfo", TREEINFO);
    private final List<String> answers = new ArrayList<>();

    @AfterEach
    void closesTheMirror() {
        mirror.close();
    }

    private Bench bench(String kernelSum) throws IOException {
        return new Bench(folder, this::installing, variant(kernelSum));
    }

    private static Variant variant(String kernelSum) {
        return Variant.standard()
                .withMedia(new DirectKernel(
                        new BootFile("boot/kernel", Optional.of(kernelSum)),
                        new BootFile("boot/initrd", Optional.empty()),
                        "console=ttyS0",
                        "answers.txt"));
    }

    private GuestScript installing(FakeGuestContext machine) {
        answers.add(machine.token(Pattern.compile("label=[^\0]*")));
        return Bench.working(machine.token(Bench.TOKEN)).powersOff();
    }

    private TemplateBuilder template() {
        return Template.builder("one", "ScriptedOS", "1", Arch.X86_64)
                .url(mirror.uri("/os"))
                .rootPassword("top secret");
    }

    @Test
    void fetchesTheKernelAndTellsTheGuestWhereItFindsTheRest() throws Exception {
        try (Bench bench = bench(DigestUtils.sha256Hex(KERNEL))) {
            List<byte[]> kernels = new ArrayList<>();
            bench.hypervisor.guest(machine -> {
                Boot.Kernel started = (Boot.Kernel) machine.spec().boot();
                kernels.add(Files.readAllBytes(started.kernel()));
                return installing(machine);
            });

            Path image = bench.oz
                    .guest(template().build())
                    .installer()
                    .install(bench.events::add)
                    .disk();

            String seen = "http://10.0.2.2:" + mirror.uri("/").getPort() + "/os/";
            assertThat(answers).singleElement().asString().endsWith("\ntree=" + seen + "\n");
            assertThat(kernels).singleElement().isEqualTo(KERNEL);
            MachineSpec machine = bench.hypervisor.machines().get(0);
            assertThat(machine.disks())
                    .extracting(MachineSpec.Disk::kind)
                    .containsExactly(MachineSpec.Disk.Kind.HARD_DISK);
            assertThat(((Boot.Kernel) machine.boot()).arguments()).isEqualTo("console=ttyS0");
            assertThat(bench.notices())
                    .containsExactly(
                            "Guests run by KVM: the test says so",
                            "The guest sees " + mirror.uri("/os/") + " as " + seen);
            assertThat(ProvenanceFile.of(image).orElseThrow().media())
                    .containsExactly(
                            new Provenance.Medium(
                                    mirror.uri("/os/.treeinfo").toString(), DigestUtils.sha256Hex(TREEINFO)),
                            new Provenance.Medium(
                                    mirror.uri("/os/boot/kernel").toString(), DigestUtils.sha256Hex(KERNEL)),
                            new Provenance.Medium(
                                    mirror.uri("/os/boot/initrd").toString(), DigestUtils.sha256Hex(INITRD)));
            bench.assertNothingLeft("one");
        }
    }

    @Test
    void aKernelThatIsNotWhatTheTreeSaysNeverStarts() throws Exception {
        String sum = DigestUtils.sha256Hex("another");
        try (Bench bench = bench(sum)) {
            MediaException failure = catchThrowableOfType(
                    MediaException.class,
                    () -> bench.oz.guest(template().build()).installer().install());

            assertThat(failure.kind()).isEqualTo(MediaException.Kind.CHECKSUM_MISMATCH);
            assertThat(failure).hasMessageContaining(sum);
            assertThat(bench.hypervisor.machines()).isEmpty();
            bench.assertNoImage("one");
        }
    }

    @Test
    void aMirrorThatOnlyTheHostReachesIsRefusedBeforeAnythingIsFetched() throws Exception {
        try (Bench bench = bench(DigestUtils.sha256Hex(KERNEL))) {
            bench.config =
                    bench.config.toBuilder().network(new Network.Bridge("br0")).build();
            MediaException failure;
            try (Oz oz = bench.open(variant(DigestUtils.sha256Hex(KERNEL)))) {
                failure = catchThrowableOfType(
                        MediaException.class,
                        () -> oz.guest(template().build()).installer().install());
            }

            assertThat(failure.kind()).isEqualTo(MediaException.Kind.UNREACHABLE);
            assertThat(mirror.requests()).isEmpty();
            bench.assertNoImage("one");
        }
    }

    @Test
    void takesAnAnswerFileOfTheUsersOwnFromAServerWithWhatTheTemplateAdds() throws Exception {
        mirror.file("/mine.txt", "label=mine\n");
        try (Bench bench = bench(DigestUtils.sha256Hex(KERNEL))) {
            bench.hypervisor.guest(machine -> {
                answers.add(machine.token(Pattern.compile("label=[^\0]*")));
                return GuestScript.start().installs().powersOff();
            });
            OwnAnswers own = new OwnAnswers(Optional.of(mirror.uri("/mine.txt")), Optional.of("more=yes"));

            bench.oz.guest(template().answers(own).build()).installer().install();

            assertThat(answers).containsExactly("label=mine\n\nmore=yes\n");
            assertThat(bench.hypervisor.machines().get(0).serials())
                    .as("an answer file of the user's own may count on a second port")
                    .hasSize(2);
        }
    }

    @Test
    void tellsOfAnAnswerFileThatIsNotThere() throws Exception {
        try (Bench bench = bench(DigestUtils.sha256Hex(KERNEL))) {
            OwnAnswers own = new OwnAnswers(Optional.of(mirror.uri("/mine.txt")), Optional.empty());

            MediaException failure = catchThrowableOfType(MediaException.class, () -> bench.oz
                    .guest(template().answers(own).build())
                    .installer()
                    .install());

            assertThat(failure.kind()).isEqualTo(MediaException.Kind.NOT_FOUND);
            assertThat(failure).hasMessageContaining("There is no answer file at " + mirror.uri("/mine.txt"));
            bench.assertNoImage("one");
        }
    }

    @Test
    void aKeptImageIsOfTheTreeAsItIsNow() throws Exception {
        try (Bench bench = bench(DigestUtils.sha256Hex(KERNEL))) {
            bench.config = bench.config.toBuilder().cacheJeos(true).build();

            installTo(bench, "first", KERNEL);
            installTo(bench, "second", KERNEL);
            assertThat(bench.hypervisor.machines()).hasSize(1);
            byte[] newer = {4, 3, 2, 1};
            mirror.file("/os/boot/initrd", "070701 newer");
            installTo(bench, "third", KERNEL);
            assertThat(bench.hypervisor.machines()).as("of another initrd").hasSize(2);
            mirror.file("/os/.treeinfo", TREEINFO + "version = 1.1\n");
            installTo(bench, "fourth", KERNEL);
            assertThat(bench.hypervisor.machines()).as("of another state").hasSize(3);
            mirror.file("/os/boot/kernel", newer);
            installTo(bench, "fifth", newer);
            assertThat(bench.hypervisor.machines()).as("of another kernel").hasSize(4);
        }
    }

    private void installTo(Bench bench, String name, byte[] kernel) {
        Template template = Template.builder(name, "ScriptedOS", "1", Arch.X86_64)
                .url(mirror.uri("/os/"))
                .rootPassword("top secret")
                .build();
        try (Oz oz = bench.open(variant(DigestUtils.sha256Hex(kernel)))) {
            oz.guest(template).installer().install(bench.events::add);
        }
    }
}
