package org.oz4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

import org.jspecify.annotations.Nullable;
import org.oz4j.GuestOptions;
import org.oz4j.Oz;
import org.oz4j.OzException;
import org.oz4j.Plan;
import org.oz4j.config.OzConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code oz plan}. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description = {
            "Prints what an install would do: machine, media, kernel arguments, answer file, domain XML.",
            "Uses no network and starts no guest."
        })
final class PlanCommand implements Callable<Integer> {
    private final Context context;

    @Parameters(paramLabel = "TEMPLATE", arity = "1..*", description = "Templates (TDL).")
    private List<Path> templates = new ArrayList<>();

    @Mixin
    private TemplateOptions reading = new TemplateOptions();

    @Option(
            names = {"-a", "--answer-file"},
            paramLabel = "FILE",
            description = "An answer file in place of the one that Oz would write.")
    private @Nullable Path answerFile;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Option(names = "--secrets", description = "Show password hashes and keys, in place of stars.")
    private boolean secrets;

    @Option(names = "--json", description = "Write one JSON object a line for each template.")
    private boolean json;

    PlanCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
        OzConfig settings = config.read(context);
        GuestOptions given = new GuestOptions(
                Optional.ofNullable(answerFile).map(Path::toAbsolutePath), Optional.empty(), false, false);
        int status = ExitCode.OK;
        try (Oz oz = context.backend().open(settings)) {
            for (Path file : templates) {
                try {
                    Plan plan = oz.guest(reading.read(context, file, settings), given)
                            .plan(secrets);
                    if (json) {
                        context.out().println(Json.write(fields(file, plan)));
                    } else {
                        print(file, plan);
                    }
                } catch (OzException e) {
                    // one that won't do does not keep the others from being told
                    ErrorPrinter.print(context.err(), e, false);
                    if (json) {
                        Map<String, Object> failed = new LinkedHashMap<>();
                        failed.put("file", file.toString());
                        failed.put("error", e.problem());
                        context.out().println(Json.write(failed));
                    }
                    status = Math.max(status, ExitCode.of(e));
                }
            }
        }
        return status;
    }

    private static Map<String, Object> fields(Path file, Plan plan) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("file", file.toString());
        fields.put("name", plan.template().name());
        fields.put("os", plan.release());
        fields.put("arch", plan.template().os().arch());
        fields.put("installType", lower(plan.template().os().install().type()));
        Map<String, Object> machine = new LinkedHashMap<>();
        machine.put("cpus", plan.cpus());
        machine.put("memoryMiB", plan.memoryMiB());
        machine.put("firmware", lower(plan.firmware()));
        machine.put("clock", lower(plan.machine().clock()));
        machine.put("pointer", plan.machine().pointer().label());
        machine.put("nic", plan.machine().nic().label());
        machine.put("diskBus", plan.machine().diskBus().label());
        machine.put("diskDevice", plan.machine().diskBus().prefix() + "a");
        machine.put("network", plan.network().label());
        fields.put("machine", machine);
        fields.put(
                "disks",
                plan.disks().stream()
                        .map(disk ->
                                map("path", disk.path(), "format", disk.format().label(), "bytes", disk.bytes()))
                        .toList());
        fields.put("media", plan.fetches());
        fields.put("ways", plan.ways().stream().map(PlanCommand::fields).toList());
        fields.put("way", fields(plan.way()));
        Map<String, Object> answers = new LinkedHashMap<>();
        answers.put("name", plan.answerFile().name());
        plan.answerFile().source().ifPresent(source -> answers.put("source", source));
        plan.answerFile().content().ifPresent(content -> answers.put("content", content));
        plan.answerFile().append().ifPresent(append -> answers.put("append", append));
        fields.put("answerFile", answers);
        fields.put("reboots", plan.reboots());
        fields.put(
                "limits",
                map(
                        "installSeconds",
                        plan.installLimit().toSeconds(),
                        "inactivitySeconds",
                        plan.inactivityLimit().toSeconds()));
        fields.put("success", plan.success());
        fields.put("access", plan.access());
        plan.packages()
                .ifPresent(packages -> fields.put(
                        "packages",
                        map(
                                "manager",
                                packages.manager(),
                                "repositoryFiles",
                                packages.repositoryFiles(),
                                "commands",
                                packages.commands())));
        fields.put("domainXml", plan.domainXml());
        return fields;
    }

    private static Map<String, Object> fields(Plan.Way way) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", way.name());
        way.kernel().ifPresent(kernel -> fields.put("kernel", kernel));
        way.initrd().ifPresent(initrd -> fields.put("initrd", initrd));
        way.arguments().ifPresent(arguments -> fields.put("arguments", arguments));
        way.volumeLabel().ifPresent(label -> fields.put("volumeLabel", label));
        fields.put("answerPath", way.answerPath());
        return fields;
    }

    private static Map<String, Object> map(Object... pairs) {
        Map<String, Object> made = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            made.put((String) pairs[i], pairs[i + 1]);
        }
        return made;
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private void print(Path file, Plan plan) {
        line("Template", file + ": " + plan.template().name());
        line("System", plan.release() + " " + plan.template().os().arch());
        line(
                "Machine",
                plan.cpus() + " CPUs, " + plan.memoryMiB() + " MiB, " + lower(plan.firmware()) + ", clock "
                        + lower(plan.machine().clock()) + ", "
                        + plan.machine().pointer().label() + ", nic "
                        + plan.machine().nic().label() + ", disk "
                        + plan.machine().diskBus().label() + " ("
                        + plan.machine().diskBus().prefix() + "a), network "
                        + plan.network().label());
        plan.disks()
                .forEach(disk ->
                        line("Disk", disk.path() + ", " + disk.format().label() + ", " + Texts.size(disk.bytes())));
        plan.fetches().forEach(address -> line("Fetch", address.toString()));
        for (Plan.Way way : plan.ways()) {
            String where = way.volumeLabel().map(label -> " " + label).orElse("") + ", answers at " + way.answerPath();
            line(way.equals(plan.way()) ? "Way (taken)" : "Way", way.name() + where);
        }
        plan.way().kernel().ifPresent(kernel -> line("Kernel", kernel));
        plan.way().initrd().ifPresent(initrd -> line("Initrd", initrd));
        plan.way().arguments().ifPresent(arguments -> line("Arguments", arguments));
        line("Reboots", Integer.toString(plan.reboots()));
        line(
                "Limits",
                "install " + plan.installLimit().toSeconds() + " s, inactivity "
                        + plan.inactivityLimit().toSeconds() + " s; ten times as much without KVM");
        line("Success", plan.success());
        line("Way in", plan.access().isEmpty() ? "none is known" : String.join(", ", plan.access()));
        plan.packages().ifPresent(packages -> {
            packages.repositoryFiles().forEach((path, text) -> line("Repository", path));
            packages.commands().forEach(words -> line("Packages", String.join(" ", words)));
        });
        block(
                plan.answerFile().name(),
                plan.answerFile()
                        .content()
                        .orElseGet(() -> "("
                                + plan.answerFile()
                                        .source()
                                        .map(Object::toString)
                                        .orElse("") + ")"));
        plan.answerFile().append().ifPresent(text -> block("added to it", text));
        block("domain", plan.domainXml());
    }

    private void line(String name, String text) {
        context.out().println(String.format(Locale.ROOT, "%-12s %s", name, text));
    }

    private void block(String name, String text) {
        context.out().println("--- " + name);
        context.out().println(text.stripTrailing());
    }
}
