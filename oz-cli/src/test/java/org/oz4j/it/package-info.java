/** Installs in real virtual machines. */
@NullMarked
package org.oz4j.it;

import org.jspecify.annotations.NullMarked;
