package org.oz4j.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PublicationTest {
    @TempDir
    private Path images;

    private Path work;
    private Publication publication;

    @BeforeEach
    void open() throws IOException {
        work = Files.createDirectory(images.resolve(".work"));
        publication = new Publication(work);
    }

    private Path finished(String name) throws IOException {
        return Files.writeString(work.resolve(name), "new " + name);
    }

    private Path old(String name) throws IOException {
        return Files.writeString(images.resolve(name), "old " + name);
    }

    @Test
    void replacesWhatIsThere() throws IOException {
        Path place = old("disk");

        publication.move(finished("disk"), place);

        assertThat(place).hasContent("new disk");
        assertThat(work.resolve("disk")).doesNotExist();
    }

    @Test
    void takesAllBack() throws IOException {
        Path replaced = old("a");
        Path another = old("b");
        Path made = images.resolve("c");
        publication.move(finished("a"), replaced);
        publication.move(finished("b"), another);
        publication.move(finished("c"), made);

        publication.takeBack();

        assertThat(replaced).hasContent("old a");
        assertThat(another).hasContent("old b");
        assertThat(made).doesNotExist();
    }

    @Test
    void whatTheNewImageHasNotIsGoneAndComesBack() throws IOException {
        Path place = old("variables");
        publication.delete(place);
        publication.delete(images.resolve("missing"));
        assertThat(place).doesNotExist();

        publication.takeBack();

        assertThat(place).hasContent("old variables");
        assertThat(images.resolve("missing")).doesNotExist();
    }

    @Test
    void whatCouldNotBeReplacedIsAsItWas() throws IOException {
        Path first = old("a");
        Path second = old("b");
        publication.move(finished("a"), first);
        assertThatThrownBy(() -> publication.move(work.resolve("missing"), second))
                .isInstanceOf(NoSuchFileException.class);

        publication.takeBack();

        assertThat(first).hasContent("old a");
        assertThat(second).hasContent("old b");
    }

    @Test
    void aLinkIsReplacedAndComesBackAsALink() throws IOException {
        Path target = old("target");
        Path link = Files.createSymbolicLink(images.resolve("link"), target);
        publication.move(finished("link"), link);
        assertThat(target).hasContent("old target");
        assertThat(link).isRegularFile().hasContent("new link");

        publication.takeBack();

        assertThat(link).isSymbolicLink().hasContent("old target");
    }

    @Test
    void oneThatDoesNotGoBackKeepsNoOtherFromIt() throws IOException {
        Path first = old("a");
        Path second = images.resolve("b");
        publication.move(finished("a"), first);
        publication.move(finished("b"), second);
        Files.delete(second);
        Files.writeString(Files.createDirectory(second).resolve("file"), "precious");

        assertThatThrownBy(publication::takeBack).hasMessageContaining("b");

        assertThat(first).hasContent("old a");
        assertThat(second.resolve("file")).hasContent("precious");
    }

    @Test
    void allThatDoNotGoBackAreToldOf() throws IOException {
        for (String name : List.of("a", "b")) {
            Path place = images.resolve(name);
            publication.move(finished(name), place);
            Files.delete(place);
            Files.writeString(Files.createDirectory(place).resolve("file"), "precious");
        }

        assertThatThrownBy(publication::takeBack).hasMessageContaining("b").satisfies(e -> assertThat(e.getSuppressed())
                .singleElement()
                .satisfies(other -> assertThat(other).hasMessageContaining("a")));
    }

    @Test
    void withoutASecondNameTheNewFileStays() throws IOException {
        Path place = old("disk");
        Publication elsewhere = new Publication(Path.of("/proc"));
        elsewhere.move(finished("disk"), place);

        elsewhere.takeBack();

        assertThat(place).hasContent("new disk");
    }
}
