/**
 * Stand-ins for vendors' installers: media with a vendor's layout around a small Linux, which looks for its answer file
 * where and how the vendor's installer does, and tells over the serial console what it found.
 */
@NullMarked
package org.oz4j.testkit.standin;

import org.jspecify.annotations.NullMarked;
