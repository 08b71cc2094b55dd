package org.oz4j.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.oz4j.BuildListener;
import org.oz4j.Customizer;
import org.oz4j.DiskException;
import org.oz4j.Firmware;
import org.oz4j.Guest;
import org.oz4j.GuestOptions;
import org.oz4j.IcicleGenerator;
import org.oz4j.ImageFormat;
import org.oz4j.InstalledImage;
import org.oz4j.Installer;
import org.oz4j.Plan;
import org.oz4j.disk.DiskImages;
import org.oz4j.engine.OzEngine.Engine;
import org.oz4j.engine.PluginRegistry.Match;
import org.oz4j.spi.OsRelease;
import org.oz4j.template.Template;

import static org.oz4j.engine.GuestBuild.known;

/** One guest behind the front door. */
record EngineGuest(Engine engine, Match match, Template template, GuestOptions options) implements Guest {
    @Override
    public OsRelease release() {
        return match.release();
    }

    @Override
    public Plan plan(boolean secrets) throws InterruptedException {
        return new Planner(engine, match, template, options, secrets).plan();
    }

    @Override
    public Installer installer() {
        return (listener, token) -> {
            GuestBuild build = new GuestBuild(engine, match, template, options, listener);
            build.run(token);
            return known(build.result);
        };
    }

    @Override
    public Customizer customizer() {
        return (image, listener, token) -> {
            visit(image, listener, options.visit().verify() ? VisitSteps.CUSTOMIZE_AND_VERIFY : VisitSteps.CUSTOMIZE)
                    .run(token);
            return image;
        };
    }

    @Override
    public IcicleGenerator icicleGenerator() {
        return (image, listener, token) -> {
            GuestBuild build =
                    visit(image, listener, options.visit().offline() ? VisitSteps.ICICLE_OFFLINE : VisitSteps.ICICLE);
            build.run(token);
            return known(build.icicle);
        };
    }

    private GuestBuild visit(InstalledImage image, BuildListener listener, List<Step> steps) {
        return new GuestBuild(engine, match, template, options, listener, image, steps);
    }

    @Override
    public Path imagePath() {
        return GuestBuild.imagePath(engine, template, options);
    }

    @Override
    public InstalledImage imageAt(Path disk) {
        Path file = disk.toAbsolutePath().normalize();
        try {
            ImageFormat format = DiskImages.formatOf(file);
            boolean uefi = Files.exists(InstallSteps.nvramBeside(file));
            return new InstalledImage(
                    template.name(),
                    release().title(),
                    template.os().arch(),
                    file,
                    List.of(),
                    format,
                    format == format.whileInstalling() ? DiskImages.virtualSize(file, format) : 0,
                    uefi ? Firmware.UEFI : Firmware.BIOS,
                    InstallSteps.domainXmlBeside(file),
                    Duration.ZERO);
        } catch (IOException e) {
            throw new DiskException(
                    file, "The image " + file + " can't be read: " + e, "Name an image that is there", e);
        }
    }
}
