package org.oz4j.engine;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.IntStream;

import org.oz4j.BuildListener;
import org.oz4j.GuestOptions;
import org.oz4j.Plan;
import org.oz4j.engine.OzEngine.Engine;
import org.oz4j.engine.PluginRegistry.Match;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.MachineSpec.Boot;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.MediaRecipe.AnswerVolume;
import org.oz4j.spi.MediaRecipe.DirectKernel;
import org.oz4j.spi.MediaRecipe.Floppy;
import org.oz4j.spi.MediaRecipe.KernelAndVolume;
import org.oz4j.spi.MediaRecipe.RemasteredIso;
import org.oz4j.spi.PackageManager;
import org.oz4j.template.Template;
import org.oz4j.template.Template.InstallType;

/** Finds out what an install would do, by the same parts that do it. */
final class Planner {
    private static final UUID NO_MACHINE = new UUID(0, 0);

    private final GuestBuild build;
    private final boolean secrets;

    Planner(Engine engine, Match match, Template template, GuestOptions options, boolean secrets) {
        this.build = new GuestBuild(engine, match, template, options, BuildListener.NONE);
        this.secrets = secrets;
    }

    Plan plan() throws InterruptedException {
        Template template = build.template;
        boolean tree = template.os().install().type() == InstallType.URL;
        GuestProfile profile = InstallSteps.describe(
                build, MediaFacts.none(), secrets ? Secrets.random() : Secrets.masked(), notice -> {});
        build.profile = profile;
        MediaRecipe recipe = InstallSteps.choose(profile.media(), build);
        List<URI> fetches = new ArrayList<>();
        if (!tree) {
            fetches.add(template.os().install().location());
        }
        fetches.addAll(InstallMedium.extras(template));
        MachineSpec spec =
                InstallSteps.machineSpec(build, NO_MACHINE, disks(recipe), boot(recipe, tree, fetches), notice -> {});
        return new Plan(
                template,
                build.match.release().title(),
                profile.machine(),
                spec.firmware(),
                spec.cpus(),
                spec.memoryMiB(),
                build.network(),
                IntStream.range(0, InstallSteps.diskCount(build))
                        .mapToObj(i -> new Plan.Disk(
                                InstallSteps.published(build, i), build.format(i), InstallSteps.diskSize(build, i)))
                        .toList(),
                fetches,
                profile.media().stream().map(this::way).toList(),
                way(recipe),
                answers(profile),
                profile.flow().reboots(),
                build.engine.config().limits().install().orElse(profile.flow().timeLimit()),
                build.engine
                        .config()
                        .limits()
                        .inactivity()
                        .orElse(profile.flow().inactivityLimit()),
                success(),
                profile.access().stream().map(AccessRecipe::label).toList(),
                profile.packages().map(this::packages),
                build.engine.hypervisor().sketch(spec));
    }

    private List<MachineSpec.Disk> disks(MediaRecipe recipe) {
        List<MachineSpec.Disk> disks = InstallSteps.disks(build);
        if (build.template.os().install().type() == InstallType.ISO) {
            String name = recipe instanceof RemasteredIso ? InstallMedium.REMASTERED : "install.iso";
            disks.add(MachineSpec.Disk.cd(build.file(name)));
        }
        if (recipe instanceof AnswerVolume || recipe instanceof KernelAndVolume) {
            disks.add(MachineSpec.Disk.cd(build.file(InstallMedium.ANSWER_CD)));
        }
        if (recipe instanceof Floppy) {
            disks.add(MachineSpec.Disk.floppy(build.file(InstallMedium.ANSWER_FLOPPY)));
        }
        return disks;
    }

    private Boot boot(MediaRecipe recipe, boolean tree, List<URI> fetches) {
        if (recipe instanceof DirectKernel direct) {
            if (tree) {
                fetches.add(InstallSteps.tree(build).resolve(direct.kernel().path()));
                fetches.add(InstallSteps.tree(build).resolve(direct.initrd().path()));
            }
            return new Boot.Kernel(
                    build.file("kernel"),
                    build.file("initrd-with-answers"),
                    InstallSteps.arguments(direct.arguments(), build.template));
        }
        if (recipe instanceof KernelAndVolume both) {
            return new Boot.Kernel(
                    build.file("kernel"),
                    build.file("initrd"),
                    InstallSteps.arguments(both.arguments(), build.template));
        }
        return new Boot.FromCd();
    }

    private Plan.Way way(MediaRecipe recipe) {
        if (recipe instanceof DirectKernel direct) {
            return new Plan.Way(
                    "direct kernel",
                    Optional.of(direct.kernel().path()),
                    Optional.of(direct.initrd().path()),
                    Optional.of(InstallSteps.arguments(direct.arguments(), build.template)),
                    Optional.empty(),
                    direct.answerPath());
        }
        if (recipe instanceof RemasteredIso remastered) {
            return new Plan.Way(
                    "remastered medium",
                    Optional.of(String.join(" or ", new TreeSet<>(remastered.kernels()))),
                    Optional.empty(),
                    Optional.of(InstallSteps.arguments(remastered.arguments(), build.template)),
                    Optional.empty(),
                    remastered.answerPath());
        }
        if (recipe instanceof KernelAndVolume both) {
            return new Plan.Way(
                    "direct kernel and answer volume",
                    Optional.of(both.kernel().path()),
                    Optional.of(both.initrd().path()),
                    Optional.of(InstallSteps.arguments(both.arguments(), build.template)),
                    Optional.of(both.label()),
                    both.answerPath());
        }
        if (recipe instanceof Floppy floppy) {
            return new Plan.Way(
                    "floppy",
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    floppy.answerPath());
        }
        AnswerVolume volume = (AnswerVolume) recipe;
        return new Plan.Way(
                "answer volume",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(volume.label()),
                volume.answerPath());
    }

    private Plan.Answers answers(GuestProfile profile) {
        Optional<URI> own = build.ownAnswers();
        return new Plan.Answers(
                profile.answers().name(),
                own,
                own.isPresent()
                        ? Optional.empty()
                        : Optional.of(masked(profile.answers().content())),
                build.template.answers().append());
    }

    private String masked(String text) {
        return secrets ? text : InstallSteps.masked(build, text);
    }

    private String success() {
        SuccessSignal signal = InstallSteps.signal(build);
        if (signal instanceof SuccessSignal.SerialToken) {
            return "serial token";
        }
        return signal instanceof SuccessSignal.VirtioToken ? "virtio token" : "image check";
    }

    private Plan.Packages packages(PackageManager manager) {
        PackageWork work = new PackageWork(manager, build.template, Optional.empty());
        Map<String, String> files = new HashMap<>();
        build.template.repositories().forEach(one -> files.putAll(work.repositoryFiles(one)));
        return new Plan.Packages(manager.name(), files, work.commands());
    }
}
