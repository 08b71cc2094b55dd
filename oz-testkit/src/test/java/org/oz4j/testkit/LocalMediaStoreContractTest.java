package org.oz4j.testkit;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.TimeSource;
import org.oz4j.config.OzConfig;
import org.oz4j.media.LocalMediaStore;
import org.oz4j.media.MediaStore;

import static org.assertj.core.api.Assertions.assertThat;

/** The store that Oz has by itself. */
class LocalMediaStoreContractTest extends MediaStoreContract {
    @Override
    protected MediaStore open() {
        return new LocalMediaStore(folder.resolve("store"), TimeSource.system());
    }

    @Test
    void programsThatAreGivenOneStoreShareWhatIsKept() throws Exception {
        FakeHypervisor hypervisor = FakeHypervisor.kvm().guest(FakeOs.installs());
        for (String program : List.of("one", "two")) {
            OzConfig config = OzConfig.defaults(folder.resolve(program)).toBuilder()
                    .cacheJeos(true)
                    .build();
            try (Oz oz = Oz.builder()
                    .hypervisor(hypervisor)
                    .time(hypervisor.time())
                    .config(config)
                    .onlyGivenPlugins()
                    .plugin(new FakeOs())
                    .mediaStore(open())
                    .build()) {
                InstalledImage image =
                        oz.guest(FakeOs.template("web", folder)).installer().install();

                assertThat(image.disk()).isRegularFile().startsWith(config.outputDir());
            }
            assertThat(config.dataDir().resolve("cache")).doesNotExist();
        }

        assertThat(hypervisor.machines())
                .as("the second image is the first one's")
                .hasSize(1);
        assertThat(open().kept()).extracting(MediaStore.Kept::kind).containsExactly(MediaStore.Kind.INSTALLED);
    }
}
