/**
 * FreeBSD, installed by its own installer with a script, and OpenBSD, by its own with a response file.
 *
 * <p>Not here: NetBSD, whose sysinst(8) is a program of menus with no way to answer them beforehand: a definition file only
 * changes where it looks for the sets. Nor OpenBSD for arm64, whose install medium is the image of a disk alone (distrib/arm64/iso
 * of its source), which can't be changed as a CD can.
 */
@NullMarked
package org.oz4j.os.bsd;

import org.jspecify.annotations.NullMarked;
