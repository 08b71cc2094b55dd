package org.oz4j.testkit.vm;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test, or all tests of a class, with real virtual machines.
 *
 * <pre>{@code
 * @OzVm
 * @Test
 * void ourImageHasOurFile(RealMachines real) throws InterruptedException {
 *     InstalledImage image = real.install(real.tinyLinux("web"));
 *     ...
 * }
 * }</pre>
 *
 * <p>Where this host can't run machines, or make the media, the test is skipped with the reason. Where the test fails, the
 * evidence of all builds of {@link RealMachines#install} and of failed visits (serial logs, screenshots, reports, domain
 * XML) is attached to it, as JUnit attaches files. What the test made is deleted in any case. The tag is {@code vm}.
 */
@Tag("vm")
@ExtendWith(OzVmExtension.class)
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface OzVm {}
