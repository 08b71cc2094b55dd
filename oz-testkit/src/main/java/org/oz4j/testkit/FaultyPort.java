package org.oz4j.testkit;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.Machine;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.testkit.FaultPlan.Kind;

/** A port whose calls are seams of a plan; what it hands out is a port too. */
final class FaultyPort implements InvocationHandler {
    /** Calls that tell what is known, and that no port says to fail. */
    private static final Set<String> QUIET = Set.of("name", "uuid", "uri", "close", "image", "inspection");

    private final Class<?> port;
    private final Object target;
    private final FaultPlan plan;
    private final FaultPlan.Failing failing;

    private FaultyPort(Class<?> port, Object target, FaultPlan plan, FaultPlan.Failing failing) {
        this.port = port;
        this.target = target;
        this.plan = plan;
        this.failing = failing;
    }

    static <T> T of(Class<T> port, T target, FaultPlan plan, FaultPlan.Failing failing) {
        return port.cast(Proxy.newProxyInstance(
                port.getClassLoader(), new Class<?>[] {port}, new FaultyPort(port, target, plan, failing)));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] given) throws Throwable {
        Object[] arguments = given == null
                ? new Object[0]
                : Arrays.stream(given).map(FaultyPort::real).toArray();
        if (method.getDeclaringClass() == Object.class || QUIET.contains(method.getName())) {
            return call(method, arguments);
        }
        String seam = port.getSimpleName().toLowerCase(Locale.ROOT) + " " + method.getName();
        boolean waits = method.getName().equals("await")
                && arguments.length == 1
                && arguments[0] instanceof Duration time
                && time.compareTo(Duration.ofMillis(500)) > 0;
        Optional<Kind> fault = plan.arrive(seam, EnumSet.allOf(Kind.class), waits);
        if (fault.isEmpty()) {
            return call(method, arguments);
        }
        boolean done = fault.get() == Kind.HALF_DONE;
        if (done) {
            call(method, arguments);
        }
        throw failing.with(plan.words(), done || fault.get() == Kind.KILLED);
    }

    private @Nullable Object call(Method method, Object[] arguments) throws Throwable {
        try {
            return wrapped(method.invoke(target, arguments));
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private @Nullable Object wrapped(@Nullable Object result) {
        if (result instanceof Machine machine && port == Hypervisor.class) {
            return of(Machine.class, machine, plan, failing);
        }
        if (result instanceof GuestFilesystem files) {
            return of(GuestFilesystem.class, files, plan, failing);
        }
        if (result instanceof Optional<?> some && some.isPresent() && some.get() instanceof Machine machine) {
            return Optional.of(of(Machine.class, machine, plan, failing));
        }
        return result;
    }

    /** What the other side of a port gets: paths of the host itself. */
    private static @Nullable Object real(@Nullable Object argument) {
        if (argument instanceof Path path) {
            return FaultyFiles.real(path);
        }
        return argument instanceof MachineSpec spec ? real(spec) : argument;
    }

    private static MachineSpec real(MachineSpec spec) {
        Map<String, Path> firmwareFiles = new LinkedHashMap<>();
        spec.firmwareFiles().forEach((name, file) -> firmwareFiles.put(name, FaultyFiles.real(file)));
        MachineSpec.Boot boot = spec.boot() instanceof MachineSpec.Boot.Kernel kernel
                ? new MachineSpec.Boot.Kernel(
                        FaultyFiles.real(kernel.kernel()), FaultyFiles.real(kernel.initrd()), kernel.arguments())
                : spec.boot();
        return spec.toBuilder()
                .nvram(spec.nvram().map(FaultyFiles::real))
                .boot(boot)
                .disks(spec.disks().stream()
                        .map(disk -> new MachineSpec.Disk(
                                FaultyFiles.real(disk.path()),
                                disk.format(),
                                disk.bus(),
                                disk.kind(),
                                disk.disposable()))
                        .toList())
                .serials(spec.serials().stream().map(FaultyFiles::real).toList())
                .virtioPorts(spec.virtioPorts().stream()
                        .map(each -> new MachineSpec.VirtioPort(each.name(), FaultyFiles.real(each.log())))
                        .toList())
                .firmwareFiles(firmwareFiles)
                .build();
    }
}
