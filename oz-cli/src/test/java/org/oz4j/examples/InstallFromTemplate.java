package org.oz4j.examples;

import java.nio.file.Path;

import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.template.Template;

/** The program of the README. */
public final class InstallFromTemplate {
    private InstallFromTemplate() {}

    /** Installs what the template describes. */
    public static void main(String[] args) {
        Template template = Template.parse(Path.of(args[0]));
        try (Oz oz = Oz.create()) {
            InstalledImage image = oz.guest(template).installer().install(System.out::println);
            System.out.println("Installed " + image.os() + ": " + image.disk());
        }
    }
}
