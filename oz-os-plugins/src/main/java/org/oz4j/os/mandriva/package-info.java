/** Mandrake Linux, Mandriva Linux and Mageia, installed by DrakX with an {@code auto_inst.cfg}. */
@NullMarked
package org.oz4j.os.mandriva;

import org.jspecify.annotations.NullMarked;
