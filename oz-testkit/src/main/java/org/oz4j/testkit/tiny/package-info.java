/** TinyLinux: a small Linux with a real unattended installer, made from the host's packages, for tests and first steps. */
@NullMarked
package org.oz4j.testkit.tiny;

import org.jspecify.annotations.NullMarked;
