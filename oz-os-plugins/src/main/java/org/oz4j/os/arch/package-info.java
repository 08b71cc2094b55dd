/** Arch Linux, installed by archinstall with a configuration. */
@NullMarked
package org.oz4j.os.arch;

import org.jspecify.annotations.NullMarked;
