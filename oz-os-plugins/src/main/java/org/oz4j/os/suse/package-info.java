/** The systems of SUSE, installed by YaST with an AutoYaST profile, and from 16 on by Agama with a JSON profile. */
@NullMarked
package org.oz4j.os.suse;

import org.jspecify.annotations.NullMarked;
