/** The shipped experts' recipes. */
import type { DomainRecipe } from '../recipe.ts';
import { CHEMISTRY } from './chemistry/recipe.ts';
import { GEOGRAPHY } from './geography/recipe.ts';
import { MEDICINE } from './medicine/recipe.ts';
import { PROGRAMMING } from './programming/recipe.ts';

export const DOMAINS: readonly DomainRecipe[] = [GEOGRAPHY, CHEMISTRY, MEDICINE, PROGRAMMING];
