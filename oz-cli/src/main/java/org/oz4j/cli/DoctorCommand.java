package org.oz4j.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code oz doctor}. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "Says what this host has, what it lacks, and how to mend that. Exits with 0 where all is there.")
final class DoctorCommand implements Callable<Integer> {
    private final Context context;

    @Option(names = "--fix", description = "Install what is missing (apt-get, through sudo where you are not root).")
    private boolean fix;

    @Option(names = "--json", description = "Write the report as one JSON object.")
    private boolean json;

    @Mixin
    private ConfigOption config = new ConfigOption();

    DoctorCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws Exception {
        Doctor doctor = new Doctor(context.host(), context.backend());
        Path images = config.read(context).outputDir();
        Doctor.Report report = doctor.examine(images);
        if (fix && !doctor.fixLine(report).isEmpty()) {
            Doctor.Report lacking = report;
            context.err().println("Running: " + doctor.fixLine(lacking));
            Builds.interruptible(context.token(), () -> {
                doctor.fix(lacking);
                return true;
            });
            report = doctor.examine(images);
        }
        if (json) {
            context.out().println(Json.write(fields(doctor, report)));
        } else {
            print(doctor, report);
        }
        return report.ready() ? ExitCode.OK : ExitCode.FAILED;
    }

    private void print(Doctor doctor, Doctor.Report report) {
        for (Doctor.Check check : report.checks()) {
            context.out()
                    .printf(
                            Locale.ROOT,
                            "%-8s %-20s %s%n",
                            check.status().name().toLowerCase(Locale.ROOT),
                            check.name(),
                            check.detail());
        }
        if (report.ready()) {
            context.out().println("All that is needed is there.");
        }
        if (!doctor.fixLine(report).isEmpty()) {
            context.out().println("To mend it run 'oz doctor --fix', which runs:");
            context.out().println("  " + doctor.fixLine(report));
        }
    }

    private static Map<String, Object> fields(Doctor doctor, Doctor.Report report) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("ready", report.ready());
        fields.put("checks", report.checks().stream().map(DoctorCommand::fields).toList());
        fields.put("packages", report.packages());
        fields.put("fix", doctor.fixLine(report));
        return fields;
    }

    private static Map<String, Object> fields(Doctor.Check check) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", check.name());
        fields.put("status", check.status().name().toLowerCase(Locale.ROOT));
        fields.put("detail", check.detail());
        fields.put("packages", check.packages());
        return fields;
    }
}
