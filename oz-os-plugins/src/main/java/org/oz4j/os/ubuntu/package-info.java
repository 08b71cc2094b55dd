/** Ubuntu Server, installed by Debian's installer with a preseed file, or by Subiquity with an autoinstall file. */
@NullMarked
package org.oz4j.os.ubuntu;

import org.jspecify.annotations.NullMarked;
