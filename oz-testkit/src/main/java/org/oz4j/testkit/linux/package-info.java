/** The parts that the small Linux systems of the test kit are made of. */
@NullMarked
package org.oz4j.testkit.linux;

import org.jspecify.annotations.NullMarked;
